// A block without transactions: three calls of the genesis contracts, the state root, two signatures of the producer,
// and its commit to the disk. Next to it: two signatures by blst and one fsync of a file.
#include <fcntl.h>
#include <unistd.h>

#include "chain/parts.hpp"
#include "support/load.hpp"

namespace {

using namespace rues;
using namespace rues::bench;

constexpr int kRounds = 9;
constexpr std::size_t kBlocks = 50;
/// The pages that a block replaced are removed when 64 newer blocks are there: from then on blocks cost the same.
constexpr std::size_t kBlocksBefore = 100;
constexpr std::size_t kAppended = 4'096;
constexpr std::string_view kDomain = "BLS_SIG_BLS12381G1_XMD:SHA-256_DUSK_V2";  // docs/reference/ledger.md 2.2

void mine(int socket, std::size_t blocks) {
    ask(socket, http_request("POST", "/dev/mine", std::to_string(blocks)), 200);
}

void sign(const blst_scalar& key, base::ByteView message) {
    blst_p1 point;
    blst_hash_to_g1(&point, base::u8(message), message.size(), base::u8(base::view(kDomain)), kDomain.size(), nullptr,
                    0);
    blst_sign_pk_in_g2(&point, &point, &key);
    base::ByteArray<48> signature;
    blst_p1_compress(base::u8(signature), &point);
}

}  // namespace

bool rues::bench::measure_empty_block() {
    const auto [cpu, other] = cpus();
    Node node({"--loops", "1", "--mining", "manual"}, cpu);
    const int socket = connect_to(node.port());
    mine(socket, kBlocksBefore);

    const TemporaryFolder folder;
    const int file = ::open((folder.path() / "appended").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    require(file >= 0, "a file cannot be made");
    const std::string bytes(kAppended, 'x');
    blst_scalar key;
    const auto secret = crypto::account_key(crypto::Seed{}, 0).bytes();
    blst_scalar_from_lendian(&key, base::u8(base::ByteView(secret)));
    const base::Hash32 message{};

    Row peer{"two signatures by blst and one fsync"};
    Row signing{"of it the signatures", {}, &peer};
    Row block{"an empty block, all of it", {}, &peer, 2};
    for (int round = 0; round < kRounds; ++round) {
        signing.us.push_back(2 * cpu_us_of(2 * kBlocks, [&] { sign(key, message); }));
        const double synced = cpu_us_of(kBlocks, [&] {
            require(
                ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fsync(file) == 0,
                "a file cannot be written");
        });
        peer.us.push_back(signing.us.back() + synced);
        const double before = node.process().cpu_us();
        mine(socket, kBlocks);
        block.us.push_back((node.process().cpu_us() - before) / kBlocks);
    }
    ::close(file);
    ::close(socket);
    return print(fmt::format("Blocks without transactions, {} in a row", kBlocks), {&peer, &signing, &block});
}
