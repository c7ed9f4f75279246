// Nothing: tests/CMakeLists.txt precompiles the headers of all tests for the program that has this source.
