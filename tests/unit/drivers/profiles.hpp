#pragma once

namespace rues::drivers {

/// Accounts of profiles 0 and 1 of the SDK's test seed (docs/reference/ledger.md 14), their archived keys are P0 and P1
/// of golden.hpp.
inline constexpr char kProfile0[] =
    "oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ996P18rTGA"
    "jQ"
    "TNFsxtbrKx79yWu";
inline constexpr char kProfile1[] =
    "ocXXBAafr7xFqQTpC1vfdSYdHMXerbPCED2apyUVpLjkuycsizDxwA6b9D7UW91kG58PFKqm9U9NmY9VSwufUFL5rVRSnFSYxbiKK658TF6XjHsHGB"
    "za"
    "vFJcxAzjjBRM4eF";
/// The identity of G1, compressed: c0 and 47 zero bytes, in base 58.
inline constexpr char kIdentitySignature[] = "83VnBdpeT9ioHuUTBD2zcitXg7JqNiebUs5yxDaYaLgZYDLLk2gayHrJKNyRt4vBQB";

}  // namespace rues::drivers
