#include <rues/version.hpp>
#if __has_include(<rues/client.hpp>)
#include <rues/client.hpp>
#endif

#include <string_view>

// The package, the header and the library must be of one version and link without anything but `rues::client`.
int main() {
    return std::string_view(rues::kVersion) == PACKAGE_VERSION ? 0 : 1;
}
