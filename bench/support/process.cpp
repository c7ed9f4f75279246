#include "support/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <fstream>

#include "base/encoding.hpp"
#include "support/measure.hpp"
#include "support/publishing.hpp"

namespace rues::bench {
namespace {

std::vector<std::string> node_arguments(const std::vector<std::string>& flags) {
    std::vector<std::string> out{RUES_PROGRAM, "node", "--listen", "127.0.0.1:0", "--log-level", "warning"};
    out.insert(out.end(), flags.begin(), flags.end());
    return out;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, int cpu) {
    int ends[2];
    int input[2];
    require(::pipe2(ends, O_CLOEXEC) == 0 && ::pipe2(input, O_CLOEXEC) == 0, "no pipe");
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    require(pid_ >= 0, "no process");
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != parent) ::_exit(1);
        pin_here(cpu);
        ::dup2(input[0], STDIN_FILENO);
        ::dup2(ends[1], STDOUT_FILENO);
        std::vector<char*> list;
        for (const auto& argument : arguments) list.push_back(const_cast<char*>(argument.c_str()));
        list.push_back(nullptr);
        ::execvp(list[0], list.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    ::close(input[0]);
    input_ = input[1];
    output_ = ends[0];
}

Process::~Process() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    ::close(input_);
    ::close(output_);
}

void Process::say(std::string_view line) const {
    const std::string whole = fmt::format("{}\n", line);
    require(::write(input_, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size()), "a program ended early");
}

std::string Process::line_after(std::string_view prefix) {
    for (;;) {
        for (auto end = read_.find('\n'); end != std::string::npos; end = read_.find('\n')) {
            const std::string line(base::trimmed(std::string_view(read_).substr(0, end)));
            read_.erase(0, end + 1);
            if (line.starts_with(prefix)) return line.substr(prefix.size());
        }
        char buffer[4096];
        const auto got = ::read(output_, buffer, sizeof buffer);
        require(got > 0, "a program ended before it said what was expected");
        read_.append(buffer, static_cast<std::size_t>(got));
    }
}

double Process::cpu_us() const {
    clockid_t clock{};
    timespec now{};
    require(::clock_getcpuclockid(pid_, &clock) == 0 && ::clock_gettime(clock, &now) == 0, "a program ended early");
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

std::size_t Process::resident_bytes() const {
    std::ifstream pages(fmt::format("/proc/{}/statm", pid_));
    std::size_t total = 0;
    std::size_t resident = 0;
    pages >> total >> resident;
    require(resident > 0, "a program ended early");
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

void allow_most_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::uint16_t free_port() {
    const auto [socket, port] = listen_here();
    ::close(socket);
    return port;
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "rues-bench-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "no temporary folder");
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(std::string_view name, std::string_view content) const {
    const auto path = path_ / name;
    std::ofstream out(path, std::ios::binary);
    out << content;
    out.close();
    require(out.good(), "a file cannot be written");
    return path.string();
}

Node::Node(const std::vector<std::string>& flags, int cpu) : process_(node_arguments(flags), cpu) {
    const std::string url = process_.line_after("url ");
    const auto port = base::parse_u64(std::string_view(url).substr(url.rfind(':') + 1));
    require(port.has_value(), "the node did not say its port");
    port_ = static_cast<std::uint16_t>(*port);
}

}  // namespace rues::bench
