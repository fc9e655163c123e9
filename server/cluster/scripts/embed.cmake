# SPDX-License-Identifier: GPL-3.0-or-later
# Writes OUTPUT, a C++ file with the scripts SCRIPTS of FOLDER as functions (see scripts.h):
#
#     cmake -DFOLDER=… -DSCRIPTS=admit;takeBack;… -DOUTPUT=… -P embed.cmake
#
# A line "--#include name.lua" in a script or fragment stands for the file fragments/name.lua.
set(functions "")
set(rows "")
foreach(script IN LISTS SCRIPTS)
    string(TOLOWER "${script}" file)
    file(READ "${FOLDER}/${file}.lua" source)
    while(source MATCHES "--#include ([a-z]+)\\.lua\n")
        set(line "${CMAKE_MATCH_0}")
        file(READ "${FOLDER}/fragments/${CMAKE_MATCH_1}.lua" fragment)
        string(REPLACE "${line}" "${fragment}" source "${source}")
    endwhile()
    if(source MATCHES "#include|\\)lua\"")
        message(FATAL_ERROR "${file}.lua has an include that is not understood, or what ends a C++ raw string")
    endif()
    string(APPEND functions "const RedisScript &${script}()\n{\n    static const RedisScript made(R\"lua(${source})lua\");\n"
        "    return made;\n}\n\n")
    string(APPEND rows "        { \"${file}.lua\", &${script}() },\n")
endforeach()
file(WRITE "${OUTPUT}" "// Made by embed.cmake.
#include \"server/cluster/scripts/scripts.h\"

namespace gatehouse::scripts {

${functions}std::vector<Named> all()
{
    return {
${rows}    };
}

} // namespace gatehouse::scripts
")
