// CPU time of what a block and a query do with contract memory, next to the first write to 4 KiB of mapped memory and
// to the hashes of the pages in the same run.
#include <deque>
#include <memory>
#include <random>

#include "crypto/hash.hpp"
#include "vm/pages/space_pool.hpp"
#include "vm/parts.hpp"

namespace {

using namespace rues;
using namespace rues::bench;
using namespace rues::vm;

constexpr int kRounds = 9;
constexpr int kCalls = 100;

/// A row whose preparation is not measured.
struct Case {
    Row row;
    std::function<void()> prepare;
    std::function<void()> run;
    int calls = kCalls;

    void measure() {
        double us = 0;
        for (int i = 0; i < calls; ++i) {
            prepare();
            const double before = thread_cpu_us();
            run();
            us += thread_cpu_us() - before;
        }
        row.us.push_back(us / calls);
    }
};

/// Images of `pages` pages that differ in some, and a Space that shows them. Everything was read once.
class Bed {
public:
    explicit Bed(std::uint32_t pages) : pages_(pages), file_(*PageFile::create({})), space_(*Space::create(file_)) {
        const base::Bytes bytes(kPage, std::byte{1});
        std::vector<NumberedPage> all;
        for (std::uint32_t i = 0; i < pages; ++i) all.push_back({i, *file_->add(bytes, crypto::blake3(bytes))});
        image_ = *Image::make(Image::Memory::memory64, pages, all);
        for (const std::uint32_t count : {1U, 10U, 100U}) changed_.push_back({count, changed(count)});
        show(image_);
        for (std::uint64_t at = 0; at < space_->size(); at += kPiece) read(at);
    }

    void measure() {
        for (Case& each : cases_) each.measure();
    }

    bool print() {
        std::vector<const Row*> rows;
        for (Case& each : cases_) {
            if (&each != &cases_.front() && each.row.peer == nullptr) each.row.peer = &cases_.front().row;
            rows.push_back(&each.row);
        }
        return bench::print(fmt::format("Contract memory of {} pages", pages_), rows);
    }

    void add_cases() {
        add("the first write to 4 KiB", [this] { check(space_->undo()); }, [this] { write(next_piece()); });
        add("show: the same image", [] {}, [this] { show(image_); });
        for (const auto& [count, image] : changed_) {
            add(
                fmt::format("show: {} pages differ", count), [this, &image] { show(image); }, [this] { show(image_); },
                20);
        }
        add("keep: 10 pieces, the same each time", [this] { write_hot(10); }, [this] { check(space_->keep()); });
        add(
            "keep: 10 pieces, others each time",
            [this] {
                for (int i = 0; i < 10; ++i) write(next_piece());
            },
            [this] { check(space_->keep()); });
        add(
            "keep: 10 pieces in 10 pages, the first time in a block",
            [this] {
                show(image_);
                for (int i = 0; i < 10; ++i) write(next_piece());
            },
            [this] { check(space_->keep()); }, 20);
        add("undo: 3 pieces, the same each time", [this] { write_hot(3); }, [this] { check(space_->undo()); });
        add(
            "undo: 3 pieces, others each time",
            [this] {
                for (int i = 0; i < 3; ++i) write(next_piece());
            },
            [this] { check(space_->undo()); });
        add(
            "checkpoint: 10 pieces", [this] { check(space_->undo()), write_hot(10); },
            [this] { checkpoint_ = *space_->checkpoint(1U << 20U); });
        add("restore: 10 pieces", [this] { write_hot(10); }, [this] { check(space_->restore(checkpoint_)); });
        const base::Bytes page(kPage, std::byte{2});
        add(
            "BLAKE3 of 10 pages", [] {},
            [page] {
                for (int i = 0; i < 10; ++i) require(crypto::blake3(page) != base::Hash32{}, "blake3");
            },
            10);
        const Row& hashes = cases_.back().row;
        add(
            "seal: 10 pages",
            [this] {
                show(image_);
                for (int i = 0; i < 10; ++i) write(next_piece());
                check(space_->keep());
            },
            [this] { require(space_->seal()->pages.size() == 10, "seal"); }, 10);
        cases_.back().row.peer = &hashes;
        add(
            "a query from the pool: take, 3 pieces, give back", [] {},
            [this] {
                const auto lease = pool_.take({}, image_);
                for (std::uint64_t i = 0; i < 3; ++i) write_to(**lease, i * 5 * kPiece);
            });
    }

private:
    void add(std::string name, std::function<void()> prepare, std::function<void()> run, int calls = kCalls) {
        cases_.push_back({{std::move(name)}, std::move(prepare), std::move(run), calls});
    }
    static void check(const base::Result<void>& done) { require(done.has_value(), done ? "" : done.error().text); }
    void show(const Image& image) { check(space_->show(image)); }
    static void write_to(Space& space, std::uint64_t at) {
        const auto place = reinterpret_cast<volatile unsigned char*>(space.base() + at);
        *place = static_cast<unsigned char>(*place + 1);
    }
    void write(std::uint64_t at) { write_to(*space_, at); }
    void read(std::uint64_t at) { (void)*reinterpret_cast<volatile unsigned char*>(space_->base() + at); }
    /// In another page each time.
    std::uint64_t next_piece() {
        next_ = (next_ + 37) % pages_;
        return next_ * kPage + random_() % kPiecesOfPage * kPiece;
    }
    /// The stack, the argument buffer and other pieces that each call writes: in few pages.
    void write_hot(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) write(i % 4 * kPage + i / 4 * 2 * kPiece);
    }
    Image changed(std::uint32_t count) {
        std::vector<NumberedPage> pages;
        const base::Bytes bytes(kPage, std::byte{3});
        for (std::uint32_t i = 0; i < count; ++i) {
            pages.push_back({i * pages_ / count, *file_->add(bytes, crypto::blake3(bytes))});
        }
        return image_.with(pages_, pages);
    }

    const std::uint32_t pages_;
    const std::shared_ptr<PageFile> file_;
    const std::unique_ptr<Space> space_;
    SpacePool pool_{file_, {}};
    Image image_;
    std::vector<std::pair<std::uint32_t, Image>> changed_;
    Checkpoint checkpoint_;
    std::uint64_t next_ = 0;
    std::minstd_rand random_{1};
    std::deque<Case> cases_;
};

}  // namespace

bool rues::bench::measure_memory() {
    std::deque<Bed> beds;
    for (const std::uint32_t pages : {100U, 5'000U}) beds.emplace_back(pages).add_cases();
    for (int round = 0; round < kRounds; ++round) {
        for (Bed& each : beds) each.measure();
    }
    bool kept = true;
    for (Bed& each : beds) kept = each.print() && kept;
    return kept;
}
