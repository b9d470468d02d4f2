import Testing

@Suite struct TidyTests {
  @Test func thereAreSourcesToLookAt() {
    #expect(SourceFile.sources.count > 100)
  }

  @Test(arguments: SourceFile.sources) func aSourceKeepsEveryRule(_ file: SourceFile) {
    for rule in Rule.all {
      let complaints = rule.complaints(file)
      #expect(complaints.isEmpty, "\(file.path): \(rule.name)")
    }
  }

  @Test(arguments: Rule.all) func aRuleFindsWhatBreaksItAndNothingElse(_ rule: Rule) {
    for (path, text) in rule.broken {
      #expect(!rule.complaints(SourceFile(path, text)).isEmpty, "\(path): \(text.prefix(200))")
    }
    for (path, text) in rule.kept {
      #expect(rule.complaints(SourceFile(path, text)) == [], "\(path): \(text.prefix(200))")
    }
  }

  @Test func anEventIsNamedSubjectVerbAndOnce() throws {
    let file = try #require(SourceFile.sources.first { $0.path == "Sources/Boot/Fact+Name.swift" })
    let names = file.lines.compactMap { $0.firstMatch(of: #/case \.\w+: "(.*)"/#)?.1 }
    #expect(names.count > 30)
    #expect(Set(names).count == names.count)
    for name in names { #expect(Self.isEventName(name), "\(name)") }
  }

  @Test(arguments: [
    "lease", "Lease.granted", "lease.granted.twice", "lease granted", ".granted", "",
  ])
  func aNameOfAnotherFormIsNoEvents(_ name: String) {
    #expect(!Self.isEventName(name[...]))
  }

  private static func isEventName(_ name: Substring) -> Bool {
    name.wholeMatch(of: #/[a-z]+(?:-[a-z]+)*\.[a-z]+/#) != nil
  }

  @Test func theHostOfARuleSeesCodeOnly() {
    let file = SourceFile(
      "Sources/Boot/A.swift",
      """
      let a = "print(\\"b\\")" + c  // print(d)
      let e = \"\"\"
        print(f)
        \"\"\"
      print(g)
      """)
    #expect(file.lines(matching: #/print/#) == [5])
  }
}
