include(GNUInstallDirs)
if(TARGET rues)
    install(TARGETS rues RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
