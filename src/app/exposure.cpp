#include "app/exposure.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "chain/genesis_file.hpp"

namespace rues::app {
namespace {

namespace ip = boost::asio::ip;

/// An IPv4 address inside an IPv6 one is that IPv4 address (RFC 4291 2.5.5.2).
std::optional<ip::address> address_of(std::string_view text) {
    boost::system::error_code error;
    auto address = ip::make_address(text, error);
    if (error) return std::nullopt;
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return ip::address(ip::make_address_v4(ip::v4_mapped, address.to_v6()));
    return address;
}

/// True when a key that this program prints can spend from the genesis.
bool has_public_accounts(const ledger::Genesis& genesis) {
    const auto local = chain::read_genesis(chain::default_genesis());
    if (!local) return false;
    return std::ranges::any_of(genesis.accounts, [&](const auto& one) {
        return std::ranges::any_of(local->accounts, [&](const auto& known) { return known.account == one.account; });
    });
}

}  // namespace

bool is_loopback(std::string_view address) {
    const auto parsed = address_of(address);
    return parsed && parsed->is_loopback();
}

std::vector<std::string> exposure(const NodeSettings& settings, const ledger::Genesis& genesis) {
    const auto address = address_of(settings.server.address);
    if (!address || address->is_loopback()) return {};
    std::vector<std::string> out;
    out.push_back(fmt::format("{} is {}: other machines can reach this node", settings.server.address,
                              address->is_unspecified() ? "every address of this machine" : "not a loopback address"));
    if (has_public_accounts(genesis))
        out.emplace_back(
            "the genesis holds the test accounts, whose keys are public: anyone who reaches this node can spend from "
            "them");
    if (settings.server.tls == nullptr)
        out.emplace_back(
            "there is no TLS (tls-cert, tls-key): requests and answers can be read and changed in transit");
    if (!settings.dev_endpoints) {
        out.emplace_back("/dev and /debug are turned off (dev-endpoints)");
    } else if (settings.debug_token.empty()) {
        out.emplace_back("/dev and /debug stay closed to other machines (dev-endpoints turns them off)");
    } else {
        out.emplace_back("/dev stays closed to other machines; /debug is open to anyone who has the debug token");
    }
    return out;
}

std::optional<std::string> key_file_warning(const std::filesystem::path& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    constexpr mode_t kRead = S_IRGRP | S_IROTH;
    constexpr mode_t kWrite = S_IWGRP | S_IWOTH;
    constexpr mode_t kEveryUser = S_IROTH | S_IWOTH;
    if ((status.st_mode & (kRead | kWrite)) == 0) return std::nullopt;
    return fmt::format("the key file {} is {} by {} (mode {:o}); chmod 600 closes it", file.string(),
                       (status.st_mode & kRead) != 0 ? "readable" : "writable",
                       (status.st_mode & kEveryUser) != 0 ? "every user of this machine" : "its group",
                       status.st_mode & 07777U);
}

}  // namespace rues::app
