// swift-tools-version: 6.2
import PackageDescription

/// Release builds are one fully static executable; debug and test builds link normally.
///
/// The metadata of generic types that they use is made by the compiler: at run time each first use searches all
/// conformances of the program, a sixth of the time of a cached build.
let staticCompile: [SwiftSetting] = [
    .unsafeFlags(
        ["-static-executable", "-Xfrontend", "-prespecialize-generic-metadata"],
        .when(configuration: .release)
    )
]
let staticLink: [LinkerSetting] = [
    // The packages are compiled for the dynamic library and so don't name what FoundationEssentials consists of.
    .unsafeFlags(
        ["-static-executable", "-Xlinker", "--gc-sections", "-l_FoundationCollections", "-l_FoundationCShims"],
        .when(configuration: .release)
    )
]

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)] + staticCompile
let strictC: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]

/// A Swift target and its test target; `level` orders who may import whom (a test reads this table).
func module(_ name: String, _ dependencies: [Target.Dependency], testing: [Target.Dependency] = []) -> [Target] {
    [
        .target(name: name, dependencies: dependencies, swiftSettings: strict),
        .testTarget(
            name: "\(name)Tests",
            dependencies: [.target(name: name)] + dependencies + testing,
            swiftSettings: strict
        ),
    ]
}

func systemLibrary(_ name: String, _ pkgConfig: String?, _ package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// Repeatable random numbers, for tests alone.
let randomness: Target.Dependency = "TestRandomness"

let targets: [[Target]] = [
    // C and system libraries: each imported by exactly one Swift target.
    [
        .target(name: "CLinux", cSettings: strictC),
        .target(name: "CSandbox", cSettings: strictC),
        systemLibrary("CArchive", "libarchive", "libarchive-dev"),
        systemLibrary("CDeflate", "libdeflate", "libdeflate-dev"),
        systemLibrary("CSeccomp", "libseccomp", "libseccomp-dev"),
        systemLibrary("CSQLite", "sqlite3", "libsqlite3-dev"),
        systemLibrary("CZlib", "zlib", "zlib1g-dev"),
        systemLibrary("CZstd", "libzstd", "libzstd-dev"),
    ],
    // Level 0
    module("OCI", [crypto]),
    module("LinuxSystem", ["CLinux"]),
    // Level 1
    module("Archive", ["LinuxSystem", "OCI", "CArchive", "CDeflate", "CZlib", "CZstd"], testing: [randomness]),
    module("Sandbox", ["LinuxSystem", "CSandbox", "CSeccomp"]),
    module("DockerfileParser", [], testing: [randomness]),
    module("BuildProgress", ["OCI"]),
    // Level 2
    module("BuildGraph", ["OCI"]),
    module("Storage", ["Archive", "LinuxSystem", "OCI", "CSQLite"]),
    // Level 3
    module("Frontend", ["BuildGraph", "DockerfileParser", "OCI"], testing: [randomness]),
    module("BuildSolver", ["BuildGraph", "BuildProgress", "OCI"], testing: [randomness]),
    module("Registry", ["OCI", "LinuxSystem", httpClient]),
    // Level 4
    module(
        "Operations",
        [
            "Archive", "BuildGraph", "BuildProgress", "BuildSolver", "DockerfileParser", "Frontend", "LinuxSystem",
            "OCI",
            "Registry", "Sandbox", "Storage",
        ]
    ),
    module("Exporters", ["Archive", "BuildProgress", "LinuxSystem", "OCI", "Storage"]),
    // Level 5
    module(
        "Commands",
        [
            "Archive", "BuildGraph", "BuildProgress", "BuildSolver", "DockerfileParser", "Exporters", "Frontend",
            "LinuxSystem", "OCI", "Operations", "Registry", "Sandbox", "Storage", arguments,
        ]
    ),
    // Level 6
    [
        .executableTarget(
            name: "swbuild",
            dependencies: ["Commands"],
            swiftSettings: strict,
            linkerSettings: staticLink
        )
    ],
    // The whole program, from the command line, on real parts.
    [.testTarget(name: "EndToEndTests", dependencies: ["swbuild", randomness], swiftSettings: strict)],
    // What several test targets need.
    [.target(name: "TestRandomness", path: "Tests/TestRandomness", swiftSettings: strict)],
]

let package = Package(
    name: "swbuild",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: targets.flatMap(\.self)
)
