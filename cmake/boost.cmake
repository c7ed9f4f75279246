# Boost 1.81: Asio and Beast are headers only; Boost.JSON is the compiled library.
find_package(Boost 1.81 REQUIRED COMPONENTS json)

add_library(rues_boost_json INTERFACE)
target_link_libraries(rues_boost_json INTERFACE Boost::json)

add_library(rues_boost_asio INTERFACE)
target_link_libraries(rues_boost_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(rues_boost_asio INTERFACE BOOST_ASIO_NO_DEPRECATED)
