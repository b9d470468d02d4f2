import Boot
import Foundation
import Network
import Testing

@testable import Appliance

@Suite("Mistakes in objects") struct ObjectMistakeTests {
  /// Before each row's text: what the rest of a configuration needs, three lines.
  private static let head = """
    site: nbg1
    interfaces: [{name: eth1, dhcp: authoritative}]
    files: /

    """

  struct Row: CustomTestStringConvertible {
    var text: String
    var mistake: String
    var testDescription: String { text }

    init(_ text: String, _ mistake: String) {
      self.text = text
      self.mistake = mistake
    }
  }

  static let texts = [
    Row("scripts: {a: {}}", "4:14 a script has neither \"text\" nor \"file\""),
    Row(
      "scripts: {a: {text: x, file: b}}", "4:24 \"file\" has no place beside \"text\""),
    Row("scripts: {a: {text: '{{x}}'}}", "4:24 unknown variable \"x\""),
    Row(
      "scripts:\n  a:\n    text: |\n      #!ipxe\n      echo {{machine.nam}}\n",
      "8:14 unknown variable \"machine.nam\""),
    Row(
      "scripts: {a: {text: '{{secrets.b}}'}}",
      "4:14 script a names secrets.b; secrets are rendered in answers and hooks of profiles with "
        + "\"install\" only"),
    Row(
      "scripts: {a: {text: x}}\nprofiles: {p: {script: b.ipxe}}",
      "5:24 the template FOLDER/b.ipxe cannot be read: open FOLDER/b.ipxe: No such file or directory"
    ),
    Row(
      "scripts: {main: {text: x}}\nprofiles: {p: {script: mian}}",
      "5:24 the template FOLDER/mian cannot be read: open FOLDER/mian: No such file or directory; "
        + "did you mean \"main\"?"),
    Row(
      "scripts: {a: {text: x, site: fra1}}\nprofiles: {p: {script: a}}",
      "5:24 script a is for the site fra1 only, and profile p for all sites: give both the same "
        + "\"site\""),
    Row(
      "scripts: {a: {text: x, site: fra1}}\nprofiles: {p: {script: a, site: nbg1}}",
      "5:24 script a is for the site fra1 only, and profile p for the site nbg1: give both the "
        + "same \"site\""),
    Row(
      "scripts: {a: {text: x, variants: [{match: {architecture: arm64-efi}}]}}",
      "4:35 a variant has neither \"text\" nor \"file\""),
    Row(
      "scripts: {a: {text: x, variants: [{text: y}]}}", "4:35 a variant has no \"match\""),
    Row(
      "scripts: {a: {text: x, variants: [{match: {}, text: y}]}}",
      "4:43 no criterion, expected one at least: a script without is its own \"text\""),
    Row(
      "scripts: {a: {variants: [{match: {architecture: arm64-efi}, text: y},\n"
        + "  {match: {site: fra1}, text: z}]}}",
      "5:11 this variant and that of line 4 match the same machines equally: add \"subnet\" or "
        + "\"labels\" to one of them"),
    Row(
      "answers: {a: {kind: presed, text: x}}",
      "4:21 unknown kind \"presed\", expected one of kickstart, preseed, autoinstall, cloud-init, "
        + "ignition, talos, text; did you mean \"preseed\"?"),
    Row(
      "answers: {a/b: {text: x}}",
      "4:11 \"a/b\" is no name of letters, digits, \".\", \"-\" and \"_\""),
    Row("answers: [a]", "4:10 a list, expected answers as a mapping"),
    Row("hooks: {a: {text: x}}", "4:12 a hook has no \"when\""),
    Row(
      "hooks: {a: {when: never, text: x}}",
      "4:19 unknown when \"never\", expected one of pre-install, post-install, first-boot"),
    Row(
      "hooks: {a: {when: first-boot, text: x, txet: x}}",
      "4:40 unknown key \"txet\" of a hook, expected one of when, text, file, site, labels; did "
        + "you mean \"text\"?"),
    Row(
      "snippets: {a: {text: 1, site: b c}}",
      "4:31 \"b c\" is not a name of letters, digits, \".\", \"-\" and \"_\", at most 64 of them"),
    Row("snippets: {a: {}}", "4:15 a snippet has neither \"text\" nor \"file\""),
    Row(
      "snippets: {a: {text: '{{x}}'}}\nanswers: {b: {text: '{{> a}}'}}",
      "bootwire.yaml (snippet a):1:3 unknown variable \"x\""),
    Row(
      "snippets: {a: {text: x, site: fra1}}\nanswers: {b: {text: '{{> a}}'}}",
      "5:26 unknown snippet \"a\""),
    Row(
      "values: {a.b: x}",
      "4:10 \"a.b\" is no name of a value, expected letters, digits, - and _"),
  ]

  static let keys = [
    Row("keys: {a: {}}", "4:11 a key has no \"public\""),
    Row(
      "keys: {a: {public: \"-----BEGIN OPENSSH PRIVATE KEY-----\\nx\"}}",
      "4:20 this is a private key, which stays with its owner; give the line of its .pub file"),
    Row(
      "keys: {a: {public: ssh-dss AAAA}}",
      "4:20 a public key begins with its type, one of ssh-ed25519, ecdsa-sha2-nistp256, "
        + "ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ssh-rsa, sk-ssh-ed25519@openssh.com, "
        + "sk-ecdsa-sha2-nistp256@openssh.com; options before it are not taken; "
        + "did you mean \"ssh-rsa\"?"),
    Row(
      "keys: {a: {public: ssh-rsa}}",
      "4:20 behind ssh-rsa there is no base64, expected AAAA… and a comment"),
    Row(
      "keys: {a: {public: ssh-rsa AAAA=}}",
      "4:20 behind ssh-rsa there is no base64, expected AAAA… and a comment"),
    Row(
      "keys: {a: {public: \"\(publicKey.replacing("ssh-ed", with: "ssh-rsa ").replacing("25519 ", with: ""))\"}}",
      "4:20 the key says that it is ssh-ed25519, and not ssh-rsa"),
    Row(
      "keys: {a: {public: \"\(publicKey.prefix(60))\"}}",
      "4:20 the key is cut, or its base64 is of something else"),
    Row(
      "keys: {a: {public: \"\(publicKey)\\n\(publicKey)\"}}",
      "4:20 a public key is one line; give each key a name of its own"),
    Row("secrets: {a: {}}", "4:14 a secret has neither \"value\" nor \"file\""),
    Row("secrets: {a: {value: \"\"}}", "4:22 the secret is empty"),
    Row("secrets: {a: {value: [swordfish]}}", "4:22 a list, expected a text"),
    Row("secrets: {a: {value: x, file: y}}", "4:25 \"file\" has no place beside \"value\""),
    Row(
      "secrets: {a: {file: no}}",
      "4:21 the secret FOLDER/no cannot be read: open FOLDER/no: No such file or directory"),
    Row(
      "secrets: {a: {file: bootwire.yaml}}",
      "4:21 others can read the secret FOLDER/bootwire.yaml: chmod o-rwx FOLDER/bootwire.yaml"),
    Row(
      "secrets: {a: {value: x, machine: rack}}\nmachines: [{name: rak, mac: 525400000001}]",
      "4:34 machine \"rack\" is not defined; did you mean \"rak\"?"),
    Row(
      "secrets: {a: {value: x, machine: m, site: fra1}}\nmachines: [{name: m, mac: 525400000001}]",
      "4:34 machine m is of the site nbg1, not fra1"),
    Row(
      "secrets: {a: {value: x}, b: {value: y, as: a}}",
      "4:29 secrets a and b are both secrets.a of the site nbg1"),
  ]

  static let profiles = [
    Row(
      "p: {boot: local, install: {}}",
      "5:20 \"install\" has no place beside \"boot\", which installs nothing"),
    Row(
      "p: {kernel: x, install: {arm: always}}",
      "5:33 unknown arm \"always\", expected one of operator, first-contact"),
    Row(
      "p: {kernel: x, install: {report: never}}",
      "5:36 unknown report \"never\", expected one of installer, first-boot"),
    Row(
      "p: {kernel: x, install: {expires: 10s}}",
      "5:37 \"10s\" is not a time as 2h, from 1m to 7d, with s, m, h or d"),
    Row("p: {kernel: x, install: true}", "5:27 a single value, expected install as a mapping"),
    Row("p: {kernel: x, hooks: [ntp]}", "5:26 hook \"ntp\" is not defined"),
    Row(
      "p: {kernel: x, answers: {a: {text: '{{secrets.b}}'}}}",
      "5:31 answer a names secrets.b, and profile p has no \"install\": only an armed machine gets "
        + "secrets"),
    Row("p: {kernel: x, answers: {a/b: {text: x}}}", "5:28 \"a/b\" is no file name"),
    Row(
      "p: {kernel: 'x{{secrets.b}}', install: {}}",
      "5:15 profile p names secrets.b; secrets are rendered in answers and hooks of profiles with "
        + "\"install\" only"),
    Row("p: {menu: {entries: []}}", "5:23 a menu without entries"),
    Row("p: {menu: {}}", "5:13 a menu has no \"entries\""),
    Row("p: {menu: {entries: [p]}}", "5:24 p is a menu itself; a menu's entries boot something"),
    Row(
      "p: {menu: {entries: [locl]}}\n  local: {boot: local}",
      "5:24 profile \"locl\" is not defined; did you mean \"local\"?"),
    Row(
      "p: {menu: {entries: [q], default: other}}\n  q: {boot: local}",
      "5:37 unknown entry \"other\", expected q"),
    Row(
      "p: {menu: {entries: [q, q]}}\n  q: {boot: local}",
      "5:27 q stands in the menu a second time"),
    Row(
      "p: {menu: {entries: [q], timeout: 2h}}\n  q: {boot: local}",
      "5:37 \"2h\" is not a time as 10s, from 0s to 1h, with s, m, h or d"),
    Row(
      "p: {menu: {entries: [q]}, kernel: x}\n  q: {boot: local}",
      "5:29 \"kernel\" has no place beside \"menu\""),
    Row(
      "p: {menu: {entries: [q]}}\n  q: {boot: local, site: fra1}",
      "5:24 profile q is for the site fra1 only, and the menu p for all sites"),
    Row(
      "p: {kernel: x, match: {mac: [525400000001]}}\n  q: {boot: local, match: {mac: 525400000001}}",
      "6:3 profiles p and q match the same machines equally: p is in bootwire.yaml:5; add "
        + "\"architecture\" or \"subnet\" to the match of one of them"),
    Row(
      "p: {kernel: x, match: {architecture: x86-bios}}\n  q: {boot: local, match: {labels: {a: b}}}",
      "6:3 profiles p and q match the same machines equally: p is in bootwire.yaml:5; add "
        + "\"subnet\" or \"site\" to the match of one of them"),
    Row(
      "p: {kernel: x, match: {uuid: x}}",
      "5:32 \"x\" is not a UUID as 4c4c4544-0042-4c10-8056-b4c04f4c4142"),
    Row("p: {kernel: x, match: {serial: []}}", "5:34 an empty list, which nothing matches"),
  ]

  private func check(_ text: String, _ mistake: String) throws {
    let mistakes = try load(["bootwire.yaml": text]).mistakes
    let shown = mistakes.map {
      $0.replacing("bootwire.yaml:", with: "").replacing(/\/\S*bootwire-[^\/]*\//, with: "FOLDER/")
        .replacing(/, expected (one of server|machine\.name,).*/, with: "")
    }
    let expected = mistake.replacing("bootwire.yaml:", with: "")
    #expect(
      shown == [expected] || shown == [expected.replacing("FOLDER/", with: "")])
  }

  @Test(arguments: texts) func aWrongTextIsTold(_ row: Row) throws {
    try check(Self.head + row.text, row.mistake)
  }

  @Test(arguments: keys) func aWrongKeyOrSecretIsTold(_ row: Row) throws {
    try check(Self.head + row.text, row.mistake)
  }

  @Test(arguments: profiles) func aWrongProfileIsTold(_ row: Row) throws {
    try check(Self.head + "profiles:\n  " + row.text, row.mistake)
  }

  @Test(arguments: [
    // Sites that are not one another's, whether the profile's own or a criterion.
    "p: {boot: local, site: a, match: {architecture: x86-bios}}\n"
      + "  q: {boot: local, site: b, match: {architecture: x86-bios}}",
    "p: {boot: local, site: a, match: {architecture: x86-bios, site: a}}\n"
      + "  q: {boot: local, match: {architecture: x86-bios, site: b}}",
    "p: {boot: local, match: {labels: {a: b}}}\n  q: {boot: local, match: {labels: {a: c}}}",
    "p: {boot: local, match: {mac: 525400000001}}\n  q: {boot: local, match: {mac: 525400000002}}",
    "p: {boot: local, match: {mac: 525400000001}}\n"
      + "  q: {boot: local, match: {mac-prefix: '5254', architecture: x86-bios}}",
  ])
  func profilesThatNoMachineMatchesBothAreNoTie(_ text: String) throws {
    #expect(try load(["bootwire.yaml": Self.head + "profiles:\n  " + text]).mistakes == [])
  }

  @Test func aSnippetOfTheFolderIsNamedBySectionAsItselfOnly() throws {
    let files = ["net.mustache": "x", "other.txt": "y"]
    func mistakes(_ file: String) throws -> [String] {
      try load(
        files.merging([
          "bootwire.yaml": Self.head + "snippets: {net: {file: \(file), site: nbg1}}\n"
            + "answers: {a: {text: '{{> net}}', site: nbg1}}"
        ]) { first, _ in first }
      ).mistakes
    }
    #expect(try mistakes("net.mustache") == [])
    #expect(
      try mistakes("other.txt") == [
        "bootwire.yaml:4:12 snippet \"net\" is the file net.mustache already"
      ])
  }

  @Test func aMachineWithoutASecretThatItsProfileUsesIsTold() throws {
    let text = """
      profiles:
        p: {kernel: x, install: {}, answers: {a: {text: "{{secrets.root}}"}}}
        f: {kernel: x, site: fra1}
      secrets: {root: {value: x}, fra: {value: y, site: fra1, as: join}}
      machines:
        - {name: a, mac: 525400000001, profile: p}
        - {name: b, mac: 525400000002, profile: p, site: fra1}
        - {name: c, mac: 525400000003, profile: f}
      """
    #expect(
      try load(["bootwire.yaml": Self.head + text]).mistakes == [
        "bootwire.yaml:10:12 machine b of the site fra1 has no secrets.root, which its profile p "
          + "uses",
        "bootwire.yaml:11:43 profile f is for the site fra1 only, and this machine is of the site "
          + "nbg1",
      ])
  }

  @Test func aSecretInAFileThatOthersCanReadIsWarnedOf() throws {
    let loaded = try load(["bootwire.yaml": Self.head + "secrets: {a: {value: swordfish}}"])
    #expect(
      loaded.warnings.filter { $0.contains("secret") }.map {
        $0.replacing(/\S*bootwire-[^\/]*\//, with: "")
      } == [
        "bootwire.yaml:4:22 others can read this file, and a secret is in it: chmod o-rwx "
          + "bootwire.yaml, or name a \"file\" for the secret"
      ])
  }

  /// No value of a secret stands in any mistake, whatever is wrong beside it.
  @Test func noMistakeShowsASecret() throws {
    let text =
      "secrets: {a: {value: swordfish, file: x, machine: [swordfish], site: 'a b', as: 'x y', "
      + "other: 1}}"
    let loaded = try load(["bootwire.yaml": Self.head + text])
    #expect(loaded.mistakes.count >= 4)
    #expect(!(loaded.mistakes + loaded.warnings).contains { $0.contains("swordfish") })
  }

  /// Each octet of a whole configuration replaced: told or taken, never a trap.
  @Test func noReplacedOctetTraps() throws {
    let text = Array((ConfigurationObjectTests.whole["bootwire.yaml"] ?? "").utf8)
    for index in stride(from: 0, to: text.count, by: 5) {
      for octet: UInt8 in [0x2d, 0x5b, 0x7b] {
        var changed = text
        changed[index] = octet
        let file = SourceFile(name: "x", bytes: changed)
        _ = try? Configuration.read([file], from: "/absent", in: surroundings)
      }
    }
  }
}
