# Installs BUILD into a folder of its own, then configures, builds and runs CONSUMER against what is there.
set(prefix "${BUILD}/install_consumer/prefix")
set(build "${BUILD}/install_consumer/build")
file(REMOVE_RECURSE "${BUILD}/install_consumer")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${prefix}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${CONSUMER}" -B "${build}" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${prefix}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
    -DCMAKE_CXX_STANDARD=23 COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${build}/consumer" COMMAND_ERROR_IS_FATAL ANY)
file(GLOB programs "${prefix}/bin/rues")
if(NOT programs)
    message(FATAL_ERROR "the program was not installed")
endif()
