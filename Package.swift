// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is held to, tests too.
let careful: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]
/// What ships is also strict about memory.
let strict: [SwiftSetting] = careful + [.strictMemorySafety()]
/// Modules that declare types which borrow bytes and so cannot escape.
let borrowing: [SwiftSetting] = strict + [.enableExperimentalFeature("Lifetimes")]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "bootwire",
  products: [.executable(name: "bootwire", targets: ["bootwire"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // The pure half: bytes -> message -> decision -> actions.
    .target(name: "Bytes", swiftSettings: borrowing),
    .target(name: "Network", swiftSettings: strict),
    .target(name: "Wire", dependencies: ["Bytes", "Network"], swiftSettings: borrowing),
    .target(name: "Boot", dependencies: ["Network"], swiftSettings: strict),
    .target(
      name: "Services", dependencies: ["Boot", "Bytes", "Network", "Wire"],
      swiftSettings: borrowing),
    .target(
      name: "Replay", dependencies: ["Boot", "Bytes", "Network", "Services", "Wire"],
      swiftSettings: borrowing),

    // The loop half: real time and real descriptors.
    .target(
      name: "EventLoop", dependencies: ["CLinux", "Network", "TLS"], swiftSettings: borrowing),
    .target(name: "Store", dependencies: ["Boot", "CSQLite", "Network"], swiftSettings: strict),
    .target(name: "Digest", dependencies: ["COpenSSL"], swiftSettings: strict),
    .target(name: "TLS", dependencies: ["COpenSSL", "Network"], swiftSettings: strict),
    .target(name: "YAML", dependencies: ["CYAML"], swiftSettings: strict),
    .target(
      name: "Capture",
      dependencies: ["Bytes", "CPcap", "Digest", "EventLoop", "Network", "Replay", "Wire"],
      swiftSettings: borrowing),
    .target(
      name: "Appliance",
      dependencies: [
        "Boot", "Bytes", "COpenSSL", "Capture", "Digest", "EventLoop", "Network", "Replay",
        "Services", "Store", "TLS", "Wire", "YAML", logging,
      ],
      swiftSettings: borrowing),
    .executableTarget(
      name: "bootwire",
      dependencies: [
        "Appliance", "Boot", "Capture", "EventLoop", "Network", "Replay", "TLS", "YAML",
        argumentParser, logging,
      ],
      swiftSettings: strict),

    // C: what the Glibc overlay lacks, and module maps of system libraries.
    .target(name: "CLinux"),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    // Recorded packets for tests of several modules; nothing that ships depends on it.
    .target(
      name: "RecordedPackets", dependencies: ["Bytes", "Network", "Wire"],
      path: "Tests/RecordedPackets",
      swiftSettings: careful),
    .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: careful),
    .testTarget(name: "NetworkTests", dependencies: ["Network"], swiftSettings: careful),
    .testTarget(
      name: "WireTests", dependencies: ["Bytes", "Network", "RecordedPackets", "Wire"],
      swiftSettings: careful),
    .testTarget(
      name: "BootTests", dependencies: ["Boot", "Network", "RecordedPackets"],
      swiftSettings: careful),
    .testTarget(
      name: "ServicesTests",
      dependencies: ["Boot", "Bytes", "Network", "RecordedPackets", "Services", "Wire"],
      swiftSettings: careful),
    .testTarget(
      name: "ReplayTests",
      dependencies: [
        "Boot", "Bytes", "Capture", "Network", "RecordedPackets", "Replay", "Services", "Wire",
      ],
      swiftSettings: careful),
    .testTarget(
      name: "EventLoopTests", dependencies: ["EventLoop", "Network", "TLS"],
      swiftSettings: careful),
    // A disk in memory for SQLite, whose power is cut.
    .target(name: "CrashDisk", dependencies: ["CSQLite"], path: "Tests/CrashDisk"),
    .testTarget(
      name: "StoreTests", dependencies: ["Boot", "CrashDisk", "Network", "Store"],
      swiftSettings: careful),
    .testTarget(name: "YAMLTests", dependencies: ["YAML"], swiftSettings: careful),
    .testTarget(name: "DigestTests", dependencies: ["Digest"], swiftSettings: careful),
    .testTarget(name: "TLSTests", dependencies: ["Network", "TLS"], swiftSettings: careful),
    .testTarget(
      name: "CaptureTests",
      dependencies: ["Bytes", "Capture", "EventLoop", "Network", "Replay", "Wire"],
      swiftSettings: careful),
    .testTarget(
      name: "ApplianceTests",
      dependencies: [
        "Appliance", "Boot", "Bytes", "Capture", "EventLoop", "Network", "Replay", "Services",
        "Store", "TLS", "Wire", "YAML", logging,
      ],
      swiftSettings: careful),
    .testTarget(
      name: "BootwireTests",
      dependencies: ["Appliance", "Boot", "EventLoop", "YAML", "bootwire", argumentParser],
      swiftSettings: careful),
    .testTarget(
      name: "SimulationTests",
      dependencies: ["Boot", "Network", "Replay", "Services", "Store", "Wire"],
      swiftSettings: careful),
    .testTarget(name: "TidyTests", swiftSettings: careful),

    // What is fuzzed, and what fuzzing found; nothing that ships depends on it.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Appliance", "Boot", "Bytes", "Capture", "Network", "RecordedPackets", "Replay", "Services",
        "Wire", "YAML",
      ],
      path: "Tests/FuzzTargets", swiftSettings: careful),
    .testTarget(
      name: "FuzzFindingTests", dependencies: ["FuzzTargets"], swiftSettings: careful),
  ]
)

// Only `make fuzz` sees it: it links with libFuzzer alone, which has a main of its own.
if Context.environment["BOOTWIRE_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz",
      exclude: ["dictionaries"], swiftSettings: careful))
}
