#pragma once

#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "graphql/builder.hpp"

/// A schema that uses everything the language has, with fixed data: people, their cars and boats.
/// tests/integration/graphql_oracle.mjs has the same data.
namespace rues::graphql::test {

struct Person;

struct Vehicle {
    bool boat = false;
    std::string name;
    int count = 0;  ///< of doors or sails
    const Person* owner = nullptr;
};

struct Person {
    std::string name;
    int age = 0;
    const Person* manager = nullptr;
    std::vector<Vehicle> vehicles{};
};

struct Harbour {
    Person ada{"Ada", 36};
    Person bob{"Bob \"\xC3\xA9\"", -7};
    const Type* person = nullptr;
    const Type* car = nullptr;
    const Type* boat = nullptr;

    Harbour() {
        bob.manager = &ada;
        ada.vehicles = {{false, "Beetle", 2, &ada}, {true, "Argo", 3, &ada}, {false, "Panda", 4, &ada}};
        bob.vehicles = {{true, "Nemo", 0, &bob}};
    }
    const Type* type(const Vehicle& v) const { return v.boat ? boat : car; }
    static Harbour& in(const Call& call) { return call.context<Harbour>(); }
};

inline void put(const Call& call, const Vehicle& v, Out& out) {
    out.object(&v, Harbour::in(call).type(v));
}

template <typename T>
void add_named(ObjectBuilder<T>& type) {
    type.implements("Named");
    type.field("name", "String!", &T::name);
    type.field("nickname", "String",
               [](Call& call, Parents<T> parents, Out& out) {
                   for (std::size_t i = 0; i < parents.size(); ++i)
                       out.string(parents[i].name.substr(0, call.arguments[0].boolean ? 1 : 2));
               })
        .argument("short", "Boolean", "false");
}

inline void add_vehicle(ObjectBuilder<Vehicle> type, std::string count, std::string size) {
    add_named(type);
    type.implements("Owned");
    type.field("owner", "Person", &Vehicle::owner);
    type.field(std::move(count), "Int!", &Vehicle::count);
    if (size == "String")
        type.field("size", "String", [](const Vehicle&) { return "small"; });
    else
        type.field("size", "Int!", [](const Vehicle&) { return 12; });
}

inline void add_person(SchemaBuilder& to) {
    auto person = to.object<Person>("Person", "Somebody");
    add_named(person);
    person.field("age", "Int", &Person::age).describe("In years");
    person.field("manager", "Person", &Person::manager).deprecate("nobody has one");
    person
        .field("vehicles", "[Vehicle!]!",
               [](Call& call, Parents<Person> people, Out& out) {
                   for (std::size_t i = 0; i < people.size(); ++i) {
                       auto left = call.arguments[0].integer;
                       out.begin_list();
                       for (const Vehicle& v : people[i].vehicles)
                           if (left-- > 0) put(call, v, out);
                       out.end_list();
                   }
               })
        .argument("first", "Int", "10")
        .argument("kinds", "[Kind!]", "[CAR, BOAT]");
    person.field("matrix", "[[Int]]",
                 [](const Person& v) { return std::vector<std::vector<int>>{{v.age, 1}, {}, {2}}; });
    person.field("fails", "Int!", [](const Person&, Out& out) { out.fail("it does"); });
}

inline void add_input_types(SchemaBuilder& to) {
    to.enumeration("Kind", {{"CAR", "On wheels", std::nullopt}, {"BOAT", {}, std::nullopt}, {"RAFT", {}, "sank"}},
                   "What moves");
    Type& range = to.input_object("Range", "From, to");
    to.input(range, "from", "Int!");
    to.input(range, "to", "Int", "100", "Inclusive");
    to.input(range, "within", "[Int!]");
    to.input(range, "next", "Range");
    to.input(range, "kind", "Kind", "CAR");
    to.scalar("Any").specified_by = "https://example.org/any";
}

inline void add_harbour_query(SchemaBuilder& to) {
    auto query = to.object<Harbour>("Query");
    query
        .field("person", "Person",
               [](Call& call, Parents<Harbour> harbour, Out& out) {
                   const auto id = call.arguments[0].text;
                   out.value(id == "1" ? &harbour[0].ada : id == "2" ? &harbour[0].bob : nullptr);
               })
        .argument("id", "ID!");
    query.field("named", "Named", [](const Harbour& v, Out& out) { out.object(&v.bob, v.person); });
    query.field("vehicle", "Vehicle", [](const Harbour& v, Out& out) { out.object(&v.ada.vehicles[1], v.boat); });
    query
        .field("vehicles", "[Vehicle!]!",
               [](Call& call, Parents<Harbour> v, Out& out) {
                   out.begin_list();
                   for (const Vehicle& each : v[0].ada.vehicles) put(call, each, out);
                   out.end_list();
               })
        .argument("range", "Range")
        .argument("ids", "[ID!]");
    query
        .field("search", "[Named]",
               [](Call& call, Parents<Harbour> v, Out& out) {
                   out.begin_list();
                   out.object(&v[0].ada, v[0].person);
                   put(call, v[0].bob.vehicles[0], out);
                   out.null();
                   out.end_list();
               })
        .argument("text", "String!")
        .argument("limit", "Int!", "5")
        .argument("where", "[Range!]");
    query
        .field("number", "Float",
               [](Call& call, Parents<Harbour>, Out& out) {
                   call.arguments[0].given() ? out.number(call.arguments[0].number) : out.null();
               })
        .argument("x", "Float")
        .argument("any", "Any")
        .argument("flag", "Boolean");
    query.field("kinds", "[Kind!]", [](const Harbour&) { return std::vector<std::string>{"CAR", "RAFT"}; });
    query.field("owned", "Owned", [](const Harbour& v, Out& out) { out.object(&v.bob.vehicles[0], v.boat); });
    query.field("numbers", "[Int!]", [](const Harbour&, Out& out) {
        out.begin_list(), out.integer(1), out.fail("no second"), out.end_list();
    });
    query.field("nothing", "Int!", [](const Harbour&, Out& out) { out.null(); });
    query
        .field("sum", "Int!",
               [](Call& call, Parents<Harbour>, Out& out) {
                   const auto& range = call.arguments[0].items;
                   std::int64_t sum = range[0].integer + range[1].integer;
                   for (const Input& each : range[2].items) sum += each.integer;
                   out.integer(sum);
               })
        .argument("range", "Range!");
}

inline Schema harbour_schema() {
    SchemaBuilder builder;
    builder.subscription = "Subscription";
    add_input_types(builder);
    Type& named = builder.interface("Named");
    builder.interface_field(named, "name", "String!");
    builder.interface_field(named, "nickname", "String").argument("short", "Boolean", "false");
    Type& owned = builder.interface("Owned");
    builder.interface_field(owned, "owner", "Person");
    builder.union_of("Vehicle", {"Car", "Boat"}, "A thing that moves");
    add_person(builder);
    add_vehicle(builder.object<Vehicle>("Car"), "doors", "String");
    add_vehicle(builder.object<Vehicle>("Boat"), "sails", "Int");
    add_harbour_query(builder);
    auto subscription = builder.object<Person>("Subscription");
    subscription.field("arrival", "Person", [](const Person& v) { return &v; }).argument("every", "Int!", "1");
    subscription.field("departure", "Int", [](const Person& v) { return v.age; });
    auto schema = std::move(builder).build();
    if (!schema) throw std::logic_error(schema.error().text);
    return std::move(*schema);
}

/// A harbour whose vehicles know their types.
inline Harbour harbour(const Schema& schema) {
    Harbour out;
    out.person = schema.type("Person");
    out.car = schema.type("Car");
    out.boat = schema.type("Boat");
    return out;
}

}  // namespace rues::graphql::test
