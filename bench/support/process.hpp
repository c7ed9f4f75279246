#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rues::bench {

/// A program under measurement, on one CPU. Ends with this object, and with this process.
class Process {
public:
    Process(const std::vector<std::string>& arguments, int cpu);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t id() const noexcept { return pid_; }
    /// Writes a line to its input.
    void say(std::string_view line) const;
    /// The next line of its output that begins with `prefix` (leading blanks left out), without it.
    std::string line_after(std::string_view prefix);
    /// User and system time of all its threads so far, microseconds.
    double cpu_us() const;
    std::size_t resident_bytes() const;

private:
    pid_t pid_;
    int input_;
    int output_;
    std::string read_;
};

/// Raises this program's limit of descriptors as far as it may.
void allow_most_descriptors();

/// A port of the loopback interface that nobody listens on.
std::uint16_t free_port();

/// A folder that is removed with what is in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    /// Writes a file in it and returns its path.
    std::string write(std::string_view name, std::string_view content) const;

private:
    std::filesystem::path path_;
};

/// `rues node` of this build on a free port of the loopback interface.
class Node {
public:
    Node(const std::vector<std::string>& flags, int cpu);
    std::uint16_t port() const { return port_; }
    Process& process() { return process_; }

private:
    Process process_;
    std::uint16_t port_;
};

}  // namespace rues::bench
