#include <rapidcheck.h>

#include <map>
#include <set>

#include "unit/vm/pages/fixture.hpp"
#include "vm/pages/compact.hpp"

namespace rues::vm {
namespace {

using namespace test;

constexpr std::uint32_t kPages = 10;
constexpr std::uint64_t kPlaces[] = {0, 8, 2000, kPiece - 1};  // in each piece

/// Memory as a plain array: what stands at each place, and which pages were written. It knows nothing of slots.
struct Model {
    std::uint32_t size = 0;
    std::map<std::uint64_t, unsigned> bytes;  ///< offset -> value; absent: 0
    std::set<std::uint32_t> written;

    unsigned at(std::uint64_t offset) const {
        const auto found = bytes.find(offset);
        return found == bytes.end() ? 0 : found->second;
    }
    void write(std::uint64_t offset, unsigned value) {
        bytes[offset] = value;
        written.insert(static_cast<std::uint32_t>(offset / kPage));
    }
};

void check_memory(const Space& space, const Model& model) {
    RC_ASSERT(space.size() == std::uint64_t{model.size} * kPage);
    for (std::uint64_t piece = 0; piece < space.size(); piece += kPiece) {
        for (const std::uint64_t place : kPlaces) RC_ASSERT(read(space, piece + place) == model.at(piece + place));
    }
}

void check_image(const Image& image, const Model& model) {
    RC_ASSERT(image.size_pages() == model.size);
    const std::vector<std::uint32_t> expected(model.written.begin(), model.written.end());
    RC_ASSERT(stored(image) == expected);
    for (const NumberedPage& each : image.pages()) {
        base::Bytes bytes(kPage);
        const std::uint64_t begin = std::uint64_t{each.number} * kPage;
        for (auto at = model.bytes.lower_bound(begin); at != model.bytes.end() && at->first < begin + kPage; ++at) {
            bytes[at->first - begin] = static_cast<std::byte>(at->second);
        }
        RC_ASSERT(base::equal(each.page.bytes(), bytes));
        RC_ASSERT(each.page.hash() == crypto::blake3(bytes));
    }
    RC_ASSERT(image.root() == Image::make(image.memory(), image.size_pages(), image.pages())->root());
}

/// `changed` has a bit for each piece in which a page differs from the one before it.
void check_changed(const Page* before, const Page& after, std::uint16_t changed) {
    static const base::Bytes zeros(kPage);
    const base::ByteView old = before != nullptr ? before->bytes() : zeros;
    for (std::uint32_t i = 0; i < kPiecesOfPage; ++i) {
        if ((changed >> i & 1U) != 0) continue;
        RC_ASSERT(base::equal(old.subspan(i * kPiece, kPiece), after.bytes().subspan(i * kPiece, kPiece)));
    }
}

struct Version {
    Image image;
    Model model;
};

struct Saved {
    Checkpoint checkpoint;
    Model model;
};

/// One Space, driven at random, beside the model.
class Driver {
public:
    explicit Driver(const std::shared_ptr<PageFile>& file) : file_(file), space_(space(file)) {
        versions_.push_back({Image(), Model{}});
    }

    void step() {
        switch (*rc::gen::inRange(0, 16)) {
        case 0:
            return grow();
        case 1:
            return keep();
        case 2:
            return undo();
        case 3:
            return checkpoint();
        case 4:
            return restore();
        case 5:
            return seal();
        case 6:
            return show();
        case 7:
            return compacted();
        case 8:
            return check_memory(*space_, now_);
        case 9:
            return write_many();
        default:
            return write_one();
        }
    }

    void finish() {
        check_memory(*space_, now_);
        for (const Version& each : versions_) {
            check_image(each.image, each.model);
            RC_ASSERT(space_->show(each.image).has_value());
            check_memory(*space_, each.model);
        }
    }

private:
    void grow() {
        now_.size = std::min(kPages, now_.size + *rc::gen::inRange<std::uint32_t>(0, 4));
        RC_ASSERT(space_->grow_to(std::uint64_t{now_.size} * kPage));
    }

    void write_at(std::uint64_t piece, std::uint64_t place, unsigned value) {
        const std::uint64_t offset = piece * kPiece + place;
        write(*space_, offset, value);
        // Without pagemap, zeros in memory that was never stored are only known when they are marked.
        if (file_->pagemap().detection() == Detection::compare && !now_.written.contains(page_of_piece(piece))) {
            space_->mark_written(offset, 1);
        }
        now_.write(offset, value);
    }

    static std::uint32_t page_of_piece(std::uint64_t piece) {
        return static_cast<std::uint32_t>(piece / kPiecesOfPage);
    }

    void write_one() {
        if (now_.size == 0) return;
        const auto piece = *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{now_.size} * kPiecesOfPage);
        const auto place = *rc::gen::elementOf(std::vector<std::uint64_t>(std::begin(kPlaces), std::end(kPlaces)));
        write_at(piece, place, *rc::gen::inRange(0U, 3U));
    }

    void write_many() {
        const auto step = *rc::gen::inRange<std::uint64_t>(1, 4);
        const auto value = *rc::gen::inRange(0U, 256U);
        const std::uint64_t end = std::uint64_t{now_.size} * kPiecesOfPage;
        for (std::uint64_t piece = *rc::gen::inRange<std::uint64_t>(0, 30); piece < end; piece += step) {
            write_at(piece, 8, value);
        }
    }

    void keep() {
        RC_ASSERT(space_->keep().has_value());
        kept_ = now_;
        saved_.clear();
    }

    void undo() {
        RC_ASSERT(space_->undo().has_value());
        now_ = kept_;
        saved_.clear();
    }

    void checkpoint() {
        auto made = space_->checkpoint(16 * kMiB);
        RC_ASSERT(made.has_value());
        saved_.push_back({std::move(*made), now_});
    }

    void restore() {
        if (saved_.empty()) return;
        saved_.resize(*rc::gen::inRange<std::size_t>(1, saved_.size() + 1));
        RC_ASSERT(space_->restore(saved_.back().checkpoint).has_value());
        now_ = saved_.back().model;
        if (*rc::gen::inRange(0, 2) == 0) saved_.pop_back();
    }

    void seal() {
        const Image before = space_->image();
        const auto sealed = space_->seal();
        RC_ASSERT(sealed.has_value());
        RC_ASSERT(sealed->changed.size() == sealed->pages.size());
        for (std::size_t i = 0; i < sealed->pages.size(); ++i)
            check_changed(before.page(sealed->pages[i]), *sealed->image.page(sealed->pages[i]), sealed->changed[i]);
        versions_.push_back({sealed->image, kept_});
        saved_.clear();
    }

    void show() {
        const auto& version = versions_[*rc::gen::inRange<std::size_t>(0, versions_.size())];
        RC_ASSERT(space_->show(version.image).has_value());
        now_ = kept_ = version.model;
        saved_.clear();
    }

    void compacted() {
        Version& version = versions_[*rc::gen::inRange<std::size_t>(0, versions_.size())];
        auto image = compact(*file_, version.image, 0);
        RC_ASSERT(image.has_value());
        RC_ASSERT(image->root() == version.image.root());
        version.image = *image;
    }

    const std::shared_ptr<PageFile> file_;
    const std::unique_ptr<Space> space_;
    Model now_;
    Model kept_;
    std::vector<Saved> saved_;
    std::vector<Version> versions_;
};

class SpaceModel : public EveryDetection {};
INSTANTIATE_TEST_SUITE_P(Pages, SpaceModel, kDetections, name_of);

TEST_P(SpaceModel, a_space_behaves_as_a_plain_array_whatever_is_done_with_it) {
    space_.reset();
    EXPECT_TRUE(rc::check([this] {
        {
            Driver driver(file_);
            const int steps = *rc::gen::inRange(1, 150);
            for (int i = 0; i < steps; ++i) driver.step();
            driver.finish();
        }
        RC_ASSERT(file_->bytes_in_use() == 0U);
        RC_ASSERT(file_->mappings() == 0);
    }));
}

}  // namespace
}  // namespace rues::vm
