#include "api/openapi.hpp"
#include "app/cli.hpp"
#include "app/output.hpp"
#include "rues/version.hpp"

namespace rues::app {

void add_docs(CLI::App& program) {
    auto* command = program.add_subcommand("docs", "Print the documents about the server's endpoints");
    command->require_subcommand(1);
    command->add_subcommand("openapi", "The OpenAPI document, as at /openapi.json")->callback([] {
        put("{}\n", api::openapi_document(kVersion));
    });
    command->add_subcommand("endpoints", "The page docs/endpoints.md")->callback([] {
        write_output(api::endpoints_page());
    });
    command->add_subcommand("errors", "The page docs/errors.md")->callback([] { write_output(api::errors_page()); });
}

}  // namespace rues::app
