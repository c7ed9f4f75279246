// CPU time of one GraphQL request: first the engine alone (parse, check, validate, plan, resolve from memory, write),
// then the whole server over HTTP on one core, next to graphql-js behind node:http with the same data in memory.
#include <boost/json.hpp>
#include <deque>

#include "base/json.hpp"
#include "graphql/engine.hpp"
#include "support/graphql_chain.hpp"
#include "support/graphql_served.hpp"
#include "support/load.hpp"
#include "support/measure.hpp"

namespace {

using namespace rues;
using namespace rues::bench;
using namespace rues::graphql;

constexpr int kRounds = 15;
constexpr double kRefusedUs = 50'000;  ///< limit for a request that was built to be expensive

struct Served {
    Schema schema = graphql::test::chain_schema();
    graphql::test::Chain chain{60, 10};
    EngineOptions options;

    Served() { options.variable_types = false; }
    Response ask(const std::string& text, const boost::json::object& variables = {}) {
        return answer(schema, {text, std::nullopt, variables}, {&chain, &chain, {}}, options);
    }
};

std::string aliases(std::size_t count, const std::vector<std::string>& ids) {
    std::string text = "query {";
    for (std::size_t i = 0; i < count; ++i)
        text += " tx" + std::to_string(i) + ": tx(hash: \"" + ids[i % ids.size()] +
                "\") { blockHash, blockTimestamp, err, gasSpent, tx { callData { fnName }, gasLimit, gasPrice, "
                "isDeploy, memo } }";
    return text + " }";
}

std::string last_blocks(int count) {
    return "{ blocks(last: " + std::to_string(count) +
           ") { header { height hash timestamp } transactions { id err gasSpent tx { id gasLimit gasPrice txType memo "
           "} } } }";
}

std::string fan_out() {
    std::string text = "{ block(height: 1) { ...F0 } }";
    for (int i = 0; i < 200; ++i) {
        const std::string next = i == 199 ? "fees" : "...F" + std::to_string(i + 1);
        text += " fragment F" + std::to_string(i) + " on Block { " + next + " " + next + " " + next + " }";
    }
    return text;
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += part;
    return out;
}

struct Attack {
    std::string name;
    std::string text;
    boost::json::object variables;
};

std::vector<Attack> attacks() {
    std::vector<Attack> out;
    out.push_back({"fragments that multiply", fan_out(), {}});
    std::string bomb = "{";
    for (int i = 0; i < 33'000; ++i) bomb += " a" + std::to_string(i) + ":mempoolTxs";
    out.push_back({"33,000 aliases", bomb + " }", {}});
    out.push_back({"1 MiB of braces", repeated("{a", 1U << 19U), {}});
    out.push_back({"a list of 90,000 items", "{ blocks(range: [" + repeated("1 ", 90'000) + "]) { fees } }", {}});
    out.push_back({"3 MiB of one line", "{" + repeated("a ", 1'500'000) + "}", {}});
    out.push_back({"90,000 unknown fields", "{" + repeated("nope ", 90'000) + "}", {}});
    out.push_back(
        {"introspection in itself",
         "{ __schema { types { " + repeated("fields { type { ", 12) + "name" + repeated(" } }", 12) + " } } }",
         {}});
    std::string many = "query($v: [Int!]) {";
    for (int i = 0; i < 1000; ++i) many += " a" + std::to_string(i) + ": blocks(range: $v) { fees }";
    out.push_back({"1 MiB of variables, 1,000 times", many + " }", {{"v", boost::json::array(500'000, 1)}}});
    std::string shared = "fragment F on Query {";
    for (int i = 0; i < 5000; ++i)
        shared += " a" + std::to_string(i) + ": nextPhoenix(height: $v" + std::to_string(i) + ")";
    out.push_back({"5,000 operations, 5,000 variables", shared + " }" + repeated(" query {...F}", 5000), {}});
    std::string same = "{";
    for (int i = 0; i < 16'000; ++i) same += " a: tx(hash: \"" + std::to_string(i) + "\") { id }";
    out.push_back({"16,000 fields that conflict", same + " }", {}});
    out.push_back({"an argument 30,000 times", "{ tx(" + repeated("hash: \"\" ", 30'000) + ") { id } }", {}});
    return out;
}

constexpr std::string_view kTip = "query { block(height: -1) { header { height } } }";

bool measure_engine() {
    Served served;
    std::deque<Row> rows;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < 10; ++i) ids.push_back(graphql::test::Chain::number(i, 't'));
    struct Query {
        std::string name;
        std::string text;
        std::size_t times;
    };
    const std::vector<Query> queries{{"block(height: -1) { header { height } }", std::string(kTip), 2000},
                                     {"blocks(last: 10), 100 transactions", last_blocks(10), 200},
                                     {"blocks(last: 50), 500 transactions", last_blocks(50), 50},
                                     {"tx, 100 aliases", aliases(100, ids), 50},
                                     {"tx, 500 aliases", aliases(500, ids), 10}};
    for (const Query& query : queries) {
        require(served.ask(query.text).errors.empty(), "a query failed");
        rows.push_back({query.name});
    }
    for (int round = 0; round < kRounds; ++round)
        for (std::size_t i = 0; i < queries.size(); ++i)
            rows[i].us.push_back(cpu_us_of(queries[i].times, [&] { (void)served.ask(queries[i].text).envelope(); }));
    std::vector<const Row*> shown;
    for (const Row& row : rows) shown.push_back(&row);
    bool good = print("GraphQL engine, a request", shown);

    std::deque<Row> refused;
    shown.clear();
    for (const Attack& attack : attacks()) {
        require(!served.ask(attack.text, attack.variables).errors.empty(),
                "a request that should be refused was answered");
        Row& row = refused.emplace_back(Row{attack.name});
        for (int round = 0; round < 3; ++round)
            row.us.push_back(cpu_us_of(1, [&] { (void)served.ask(attack.text, attack.variables).envelope(); }));
        shown.push_back(&row);
        if (row.median_us() > kRefusedUs) {
            good = false;
            fmt::print("BROKEN: {} takes {:.0f} us to be refused, more than {:.0f}\n", row.name, row.median_us(),
                       kRefusedUs);
        }
    }
    return print("Refusing what was built to be expensive", shown) && good;
}

constexpr std::size_t kConnections = 8;
constexpr int kServedRounds = 7;

std::string posted(const std::string& document) {
    return http_request("POST", "/graphql", base::json::print(boost::json::object{{"query", document}}));
}

/// Each client sends a different text, so that no client shares the answer of another.
std::vector<Client> clients(std::uint16_t port, const std::string& document) {
    std::vector<Client> out;
    for (std::size_t i = 0; i < kConnections; ++i)
        out.push_back({connect_to(port), {posted(fmt::format("{} # {}", document, i))}});
    return out;
}

/// One query. It is sent to a node that computes every answer, to a node that caches answers, and to graphql-js.
struct Served3 {
    std::string name;
    std::string document;
    std::size_t requests;  ///< in each round
    double promised;       ///< as a ratio to graphql-js
    double target_us;      ///< target for a computed answer, printed beside it; 0: no target
};

bool measure_served() {
    const auto [cpu, other] = cpus();
    pin_here(other);
    const MadeChain chain;
    std::filesystem::create_directory(chain.path() / "again");
    std::filesystem::copy(chain.path() / "store", chain.path() / "again" / "store",
                          std::filesystem::copy_options::recursive);
    Node computing({"--data", chain.path().string(), "--mining", "manual", "--loops", "1", "--graphql-cache", "0"},
                   cpu);
    Node keeping({"--data", (chain.path() / "again").string(), "--mining", "manual", "--loops", "1"}, cpu);
    const GraphqlJs js(computing, MadeChain::kBlocks, cpu);

    const Served3 questions[] = {
        {"the height of the tip", std::string(kTip), 400 * kConnections, 0.1, 25},
        {"last 10 blocks, a transaction in each", last_blocks(10), 80 * kConnections, 0.1, 60},
        {"last 50 blocks, a transaction in each", last_blocks(50), 40 * kConnections, 0.1, 150},
        {"500 aliases of tx", aliases(500, chain.ids()), 2 * kConnections, 0.2, 0}};
    std::deque<Row> rows;
    std::deque<Load> loads;
    std::vector<const Row*> shown;
    for (const auto& question : questions) {
        const std::string request = posted(question.document);
        std::vector<std::string> answers;
        for (const auto port : {js.port(), computing.port(), keeping.port()}) {
            const int socket = connect_to(port);
            answers.push_back(base::json::print(base::json::sorted(boost::json::parse(ask(socket, request, 200)))));
            ::close(socket);
            loads.emplace_back(clients(port, question.document), 200, other);
        }
        require(answers[0] == answers[1] && answers[1] == answers[2], "the servers answer differently");
        const Row& peer = rows.emplace_back(Row{question.name + ": graphql-js"});
        for (const char* what : {": computed", ": known"}) {
            Row& row = rows.emplace_back(Row{question.name + what});
            row.peer = &peer;
            row.promised = question.promised;
        }
    }
    const Process* const servers[] = {&js.process(), &computing.process(), &keeping.process()};
    for (int round = -1; round < kServedRounds; ++round)
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const double us = loads[i].run(questions[i / 3].requests, *servers[i % 3]);
            if (round >= 0) rows[i].us.push_back(us);  // round -1 warms up code that is compiled late
        }
    for (const Row& row : rows) shown.push_back(&row);
    const bool good = print("GraphQL over HTTP, one core, keep-alive, 8 connections", shown);
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (const auto& question = questions[i / 3]; i % 3 == 1 && question.target_us > 0)
            fmt::print("{}: {:.0f} us, target {:.0f}\n", rows[i].name, rows[i].median_us(), question.target_us);
    return good;
}

}  // namespace

int main() {
    const bool engine = measure_engine();
    const bool served = measure_served();
    return engine && served ? 0 : 1;
}
