#include <rues/client.hpp>
#include <rues/version.hpp>
#include <string_view>

// The package, the headers and the library must be of one version and link without anything but `rues::client`.
int main() {
    const bool one_version = std::string_view(rues::kVersion) == PACKAGE_VERSION;
    const auto nobody = rues::Client::connect("http://127.0.0.1:1");
    return one_version && !nobody && nobody.error().kind == rues::Error::Kind::unreachable ? 0 : 1;
}
