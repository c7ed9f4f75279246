#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rues::bench {

/// A measured program, pinned to one CPU. It ends with this object, and when this process ends.
class Process {
public:
    Process(const std::vector<std::string>& arguments, int cpu);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t id() const noexcept { return pid_; }
    /// Writes a line to the program's input.
    void say(std::string_view line) const;
    /// Reads the program's output up to the next line that begins with `prefix` after leading blanks. Returns the line
    /// without the prefix.
    std::string line_after(std::string_view prefix);
    /// User and system time of all threads of the program so far, in microseconds.
    double cpu_us() const;
    std::size_t resident_bytes() const;

private:
    pid_t pid_;
    int input_;
    int output_;
    std::string read_;
};

/// Raises this process's limit of open files to the allowed maximum.
void allow_most_descriptors();

/// A port of the loopback interface on which nobody listens.
std::uint16_t free_port();

/// A folder that is removed with its content when this object ends.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    /// Writes a file in the folder and returns its path.
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
