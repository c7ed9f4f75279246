#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "support/sanitized.hpp"
#include "vm/pages/space.hpp"

namespace rues::vm::test {

using rues::test::kSanitized;  // a sanitizer needs mappings of its own, and keeps freed memory

inline constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

inline std::shared_ptr<PageFile> page_file(std::optional<Detection> detection = {}, std::uint64_t bytes = 256 * kMiB) {
    auto file = PageFile::create({.max_bytes = bytes, .detection = detection});
    if (!file) throw std::runtime_error(file.error().text);
    return *file;
}

inline std::unique_ptr<Space> space(const std::shared_ptr<PageFile>& file) {
    auto made = Space::create(file);
    if (!made) throw std::runtime_error(made.error().text);
    return std::move(*made);
}

/// 64 KiB of one byte.
inline base::Bytes page_of(unsigned value) {
    return base::Bytes(kPage, static_cast<std::byte>(value));
}

/// An image whose page `n` is filled with the byte n % 251, as tests/unit/vm/pages/trees_test.cpp says.
inline Image image_of(PageFile& file, std::uint32_t size, const std::vector<std::uint32_t>& numbers,
                      Image::Memory memory = Image::Memory::wasm32) {
    std::vector<NumberedPage> pages;
    for (const std::uint32_t number : numbers) {
        const base::Bytes bytes = page_of(number % 251);
        const base::ByteView view = bytes;
        pages.push_back({number, file.add({&view, 1}).value().front()});
    }
    return Image::make(memory, size, pages).value();
}

inline void write(Space& space, std::uint64_t offset, unsigned value) {
    *const_cast<volatile std::byte*>(space.base() + offset) = static_cast<std::byte>(value);
}

inline unsigned read(const Space& space, std::uint64_t offset) {
    return std::to_integer<unsigned>(*const_cast<volatile std::byte*>(space.base() + offset));
}

inline std::vector<std::uint32_t> stored(const Image& image) {
    std::vector<std::uint32_t> out;
    for (const NumberedPage& each : image.pages()) out.push_back(each.number);
    return out;
}

/// The rules of Space hold whatever the system offers to find written memory.
class EveryDetection : public ::testing::TestWithParam<Detection> {
protected:
    void SetUp() override {
        file_ = page_file(GetParam());
        if (file_->pagemap().detection() != GetParam()) GTEST_SKIP() << "this system does not offer it";
        space_ = space(file_);
    }

    std::shared_ptr<PageFile> file_;
    std::unique_ptr<Space> space_;
};

inline std::string name_of(const ::testing::TestParamInfo<Detection>& info) {
    const char* const names[] = {"scan", "pagemap", "compare"};
    return names[static_cast<std::size_t>(info.param)];
}

inline const auto kDetections = ::testing::Values(Detection::scan, Detection::pagemap, Detection::compare);

}  // namespace rues::vm::test
