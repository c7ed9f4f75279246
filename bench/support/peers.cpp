#include "support/peers.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/measure.hpp"

namespace rues::bench {
namespace {

bool answers(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool out = ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    ::close(socket);
    return out;
}

void wait_for(std::uint16_t port, std::string_view name) {
    for (int attempt = 0; !answers(port); ++attempt) {
        require(attempt < 200, fmt::format("{} does not answer (./dev bench unpacks it)", name));
        ::usleep(10'000);
    }
}

std::string nginx_configuration(const TemporaryFolder& folder, std::uint16_t port,
                                const std::vector<std::pair<std::string, std::string>>& files) {
    for (const auto& [name, content] : files) folder.write(name, content);
    return folder.write("nginx.conf", fmt::format(R"(
daemon off;
master_process off;
pid {0}/nginx.pid;
error_log {0}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {0}/temporary;
    proxy_temp_path {0}/temporary;
    fastcgi_temp_path {0}/temporary;
    uwsgi_temp_path {0}/temporary;
    scgi_temp_path {0}/temporary;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=16;
    keepalive_requests 1000000000;
    default_type application/json;
    server {{
        listen 127.0.0.1:{1};
        root {0};
    }}
}}
)",
                                                  folder.path().string(), port));
}

}  // namespace

Nginx::Nginx(const std::vector<std::pair<std::string, std::string>>& files, int cpu)
    : port_(free_port()),
      process_(
          {"nginx", "-e", "stderr", "-p", folder_.path().string(), "-c", nginx_configuration(folder_, port_, files)},
          cpu) {
    wait_for(port_, "nginx");
}

Nats::Nats(int cpu)
    : port_(free_port()),
      process_({"nats-server", "-c",
                folder_.write("nats.conf", fmt::format("listen: 127.0.0.1:{}\nlog_file: \"{}/log\"\nping_interval: "
                                                       "\"1h\"\n",
                                                       port_, folder_.path().string()))},
               cpu) {
    wait_for(port_, "nats-server");
}

}  // namespace rues::bench
