# Installs BUILD into a folder of its own, then configures, builds and runs CONSUMER against what is there.
set(prefix "${BUILD}/install_consumer/prefix")
set(build "${BUILD}/install_consumer/build")
file(REMOVE_RECURSE "${BUILD}/install_consumer")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${prefix}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${CONSUMER}" -B "${build}" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${prefix}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" COMMAND_ERROR_IS_FATAL ANY)

# expect(STATUS TEXT ARGUMENT...): the consumer ends with STATUS and says TEXT on standard error.
function(expect status text)
    execute_process(COMMAND "${build}/consumer" ${ARGN} RESULT_VARIABLE ended OUTPUT_QUIET ERROR_VARIABLE said TIMEOUT 60)
    if(NOT ended EQUAL status OR NOT said MATCHES "${text}")
        message(FATAL_ERROR "consumer ${ARGN} ended with ${ended} and said: ${said}")
    endif()
endfunction()
expect(2 "^usage: .*consumer URL\n$")
expect(1 "^cannot connect: .*127.0.0.1:1" http://127.0.0.1:1)
file(GLOB programs "${prefix}/bin/rues")
if(NOT programs)
    message(FATAL_ERROR "the program was not installed")
endif()
