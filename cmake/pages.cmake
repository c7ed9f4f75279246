# The pages that the program serves from itself: web/, the JavaScript client, and GraphiQL with React from npm.
#
# GraphiQL 3 and 4 have a bundle for a <script> (graphiql.min.js: 978,022 bytes in 3.9.0, 1,066,442 in 4.1.2); from 5 on it is modules that only
# a bundler joins. React 18.3.1 is the last with such a bundle, and what GraphiQL 3 asks for.
set(pages index.html "${CMAKE_SOURCE_DIR}/web/index.html")
file(GLOB explorer CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/web" "${CMAKE_SOURCE_DIR}/web/explorer/*")
foreach(file IN LISTS explorer)
    list(APPEND pages ${file} "${CMAKE_SOURCE_DIR}/web/${file}")
endforeach()
list(APPEND pages explorer/rues.mjs "${CMAKE_SOURCE_DIR}/clients/js/rues.mjs")

if(RUES_GRAPHIQL)
    set(npm "${CMAKE_BINARY_DIR}/npm")
    rues_npm_package(graphiql 3.9.0
        ac96059477416ee83df986c54b0455be07cf8c26b20bbc0779c664c7fa81e172ee40f150670ff207da661c5b4e255e9188d0411eba37bb519da1c29add870644
        "${npm}/graphiql" graphiql.min.js graphiql.min.css LICENSE)
    rues_npm_package(react 18.3.1
        c12fa1020252851d0a844bcf240adfb8f54dd7e1f3d6dd18ea7e632eb1906e46f8bab80f13fd11bdefb590c075bffa16807826e1621c57e8bb176a53563fb689
        "${npm}/react" umd/react.production.min.js LICENSE)
    rues_npm_package(react-dom 18.3.1
        e66e2740aa7ead945bd3d2cd1f9f463380714e1f76e75ff295b2886e97bb4e91b17c9fbd92fe812e42c15c88e3b296e06e720136a948db7b519d3593d2c9d423
        "${npm}/react-dom" umd/react-dom.production.min.js LICENSE)
    list(APPEND pages
        graphiql/index.html "${CMAKE_SOURCE_DIR}/web/graphiql/index.html"
        graphiql/start.mjs "${CMAKE_SOURCE_DIR}/web/graphiql/start.mjs"
        graphiql/start.css "${CMAKE_SOURCE_DIR}/web/graphiql/start.css"
        graphiql/graphiql.js "${npm}/graphiql/package/graphiql.min.js"
        graphiql/graphiql.css "${npm}/graphiql/package/graphiql.min.css"
        graphiql/graphiql-licence.txt "${npm}/graphiql/package/LICENSE"
        graphiql/react.js "${npm}/react/package/umd/react.production.min.js"
        graphiql/react-dom.js "${npm}/react-dom/package/umd/react-dom.production.min.js"
        graphiql/react-licence.txt "${npm}/react/package/LICENSE")
endif()
rues_embed_pages(rues_api ${pages})
