/// Who may import whom, and what the pure half may not do (Sources/ARCHITECTURE.md).
extension Rule {
  /// Arrows point down only. A module that is not here breaks ``knownModule``.
  private static let allowed: [String: Set<String>] = [
    "Bytes": [],
    "Network": [],
    "Wire": ["Bytes", "Network"],
    "Boot": ["Network"],
    "Services": ["Boot", "Bytes", "Network", "Wire"],
    "Replay": ["Boot", "Bytes", "Network", "Services", "Wire"],
    "Digest": ["COpenSSL"],
    "YAML": ["CYAML"],
    "TLS": ["COpenSSL", "Network"],
    "EventLoop": ["CLinux", "Dispatch", "Glibc", "Network", "TLS"],
    "Store": ["Boot", "CSQLite", "Glibc", "Network", "Synchronization"],
    "Capture": [
      "Bytes", "CPcap", "Digest", "EventLoop", "Glibc", "Network", "Replay", "Wire",
    ],
    "Appliance": [
      "Boot", "Bytes", "Capture", "Digest", "EventLoop", "FoundationEssentials", "Logging",
      "Network", "Replay", "Services", "Store", "Synchronization", "TLS", "Wire", "YAML",
    ],
    "bootwire": [
      "Appliance", "ArgumentParser", "Boot", "Capture", "EventLoop", "FoundationEssentials",
      "Logging", "Network", "Replay", "TLS", "YAML",
    ],
  ]
  private static let pure: Set<String> = ["Bytes", "Network", "Wire", "Boot", "Services", "Replay"]

  static let imports = Rule(
    name: "imports point down only",
    broken: [
      ("Sources/Wire/A.swift", "import Boot"), ("Sources/Boot/A.swift", "import Wire"),
      ("Sources/Services/A.swift", "import Foundation"),
      ("Sources/Bytes/A.swift", "@preconcurrency import Glibc"),
      ("Sources/Network/A.swift", "internal import Dispatch"),
      ("Sources/EventLoop/A.swift", "import Boot"),
      ("Sources/Appliance/A.swift", "import struct Foundation.Date"),
    ],
    kept: [
      ("Sources/Wire/A.swift", "import Bytes\nimport Network"),
      ("Sources/Boot/A.swift", "// import Wire\nlet text = \"import Wire\""),
    ]
  ) { file in
    let pattern = #/^(?:[@a-z]+ )*import (?:(?:struct|class|enum|func|protocol|var|let) )?(\w+)/#
    return file.code.compactMap { line in
      guard let module = line.firstMatch(of: pattern)?.1 else { return nil }
      return (allowed[file.module] ?? []).contains(String(module))
        ? nil : "\(file.module) may not import \(module)"
    }
  }

  static let knownModule = Rule(
    name: "every module has its place in the import rule",
    broken: [("Sources/Common/A.swift", "")], kept: [("Sources/Wire/A.swift", "")]
  ) { file in
    allowed[file.module] == nil ? ["who may \(file.module) import? Rule+Modules.swift"] : []
  }

  static let purity = Rule.banning(
    "the pure half has no clock, dice, output, locks or tasks",
    broken: [
      ("Sources/Boot/A.swift", "let now = ContinuousClock.now"),
      ("Sources/Wire/A.swift", "let id = UInt32.random(in: 0...9)"),
      ("Sources/Services/A.swift", "print(lease)"), ("Sources/Bytes/A.swift", "func a() async {}"),
      ("Sources/Network/A.swift", "Task { }"), ("Sources/Boot/A.swift", "let lock = Mutex(0)"),
    ],
    kept: [
      ("Sources/Appliance/A.swift", "print(lease)"), ("Sources/Boot/A.swift", "// print(lease)"),
      ("Sources/Boot/A.swift", "lease.fingerprint(now)"),
    ],
    where: { pure.contains($0.module) },
    {
      #/\b(?:ContinuousClock|SuspendingClock|Date\(|Task|async|await|actor|Mutex|Atomic|SystemRandomNumberGenerator)\b|\bDate\(|\.now\b|\brandom\w*\(|\bshuffled?\(|\b(?:print|debugPrint|dump|readLine)\(/#
    })

  static let unsafety = Rule.banning(
    "unsafe pointers stay where the operating system and C libraries are met",
    broken: [
      ("Sources/Wire/A.swift", "let a = unsafe b[0]"),
      ("Sources/Appliance/A.swift", "func a(_ b: UnsafeRawBufferPointer) {}"),
      ("Sources/Boot/A.swift", "nonisolated(unsafe) let a = 0"),
    ],
    kept: [
      ("Sources/EventLoop/A.swift", "let a = unsafe b[0]"),
      ("Sources/Wire/A.swift", "// unsafe, UnsafePointer"),
    ],
    where: {
      ![
        "Bytes", "Capture", "EventLoop", "Store", "YAML", "Digest", "TLS",
      ].contains($0.module)
    },
    { #/\bunsafe\b|\bUnsafe\w*/# })
}
