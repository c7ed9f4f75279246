#include <chrono>
#include <iostream>
#include <rues/client.hpp>
#include <rues/version.hpp>
#include <string_view>

// The package and its headers must have the same version.
static_assert(std::string_view(rues::kVersion) == PACKAGE_VERSION);

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: " << arguments[0] << " URL\n";
        return 2;
    }
    auto client = rues::Client::connect(arguments[1]);
    if (!client) {
        std::cerr << "cannot connect: " << client.error().text << '\n';
        return 1;
    }
    if (!client->subscribe("/on/blocks/accepted")) return 1;
    while (auto happened = client->next(std::chrono::minutes(1))) {
        if (auto* block = std::get_if<rues::Event>(&*happened)) std::cout << block->payload_text() << std::endl;
    }
}
