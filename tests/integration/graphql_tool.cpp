// Answers questions about GraphQL documents with the engine, one JSON object a line: for graphql_oracle.mjs.
//   {"schema":"harbour"|"chain","op":"sdl"}                         {"sdl":…}
//   {"op":"parse","document":…}                                     {"ok":true} or {"error":…}
//   {"schema":…,"op":"validate","document":…}                       {"problems":[{"rule":…,"message":…}]}
//   {"schema":…,"op":"execute","document":…,"variables":{…}}        the answer's envelope
#include <boost/json.hpp>
#include <iostream>

#include "graphql/engine.hpp"
#include "support/graphql_chain.hpp"
#include "support/graphql_harbour.hpp"

namespace {

using namespace rues::graphql;
namespace json = boost::json;

std::string text(const json::object& asked, std::string_view key) {
    return std::string(asked.at(key).as_string());
}

class Tool {
public:
    std::string answer_to(const json::object& asked) {
        const std::string op = text(asked, "op");
        const bool harbour = asked.contains("schema") && asked.at("schema") == "harbour";
        const Schema& schema = harbour ? harbour_ : chain_;
        if (op == "sdl") return json::serialize(json::object{{"sdl", schema.sdl()}});
        if (op == "execute") {
            Request request{text(asked, "document"), std::nullopt, {}};
            if (const auto* variables = asked.if_contains("variables")) request.variables = variables->as_object();
            const Execute with = harbour ? Execute{&people_, &people_, {}} : Execute{&blocks_, &blocks_, {}};
            return answer(schema, std::move(request), with).envelope();
        }
        const auto document = parse(text(asked, "document"));
        if (!document) return json::serialize(json::object{{"error", document.error().message}});
        if (op == "parse") return "{\"ok\":true}";
        json::array problems;
        for (const Problem& each : validate(schema, *document))
            problems.push_back(json::object{{"rule", rule_name(each.rule)}, {"message", each.message}});
        return json::serialize(json::object{{"problems", std::move(problems)}});
    }

private:
    Schema harbour_ = test::harbour_schema();
    Schema chain_ = test::chain_schema();
    test::Harbour people_ = test::harbour(harbour_);
    test::Chain blocks_{3};
};

}  // namespace

int main() {
    Tool tool;
    for (std::string line; std::getline(std::cin, line);)
        std::cout << tool.answer_to(json::parse(line).as_object()) << '\n' << std::flush;
}
