import Boot
import EventLoop
import Network
import YAML

extension ConfigurationReader {
  /// Checks the name service's settings, whose serving is yet to come.
  mutating func readDNS(_ value: Value) {
    notServedYet("dns", at: value)
    let keys = ["zone", "records", "hosts", "forward"]
    guard let fields = Fields(value, of: "dns", keys: keys) else { return }
    _ = fields["zone"]?.domain()
    _ = fields["forward"]?.list(of: "addresses")?.map { $0.unicastAddress() }
    if let hosts = fields["hosts"], let path = hosts.path(from: folder), !Folder.exists(path) {
      hosts.mistake("\(path) does not exist")
    }
    guard let records = fields["records"] else { return }
    for entry in Fields.entries(of: records, "records") ?? [] {
      readRecords(Value(node: entry.value, file: value.file, findings: findings))
    }
  }

  /// The records of one name, by their types.
  private func readRecords(_ value: Value) {
    let types = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"]
    guard let fields = Fields(value, of: "a record", keys: types) else { return }
    for type in types {
      for item in fields[type]?.oneOrMore(of: "records") ?? [] {
        switch type {
        case "A": _ = item.address()
        case "CNAME", "NS", "PTR": _ = item.domain()
        default: _ = item.text("the record as text")
        }
      }
    }
  }
}
