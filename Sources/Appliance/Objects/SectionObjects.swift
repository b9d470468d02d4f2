import Boot
import YAML

/// The objects of one section, as YAML writes them.
enum SectionObjects {
  /// Names with what stands below them. Machines stand in a list and say their names themselves,
  /// all others below their names.
  static func of(_ section: Node) -> [(name: String, spec: Node)] {
    switch section.content {
    case .mapping(let entries): entries.map { ($0.key, $0.value) }
    case .sequence(let nodes):
      nodes.compactMap { node in
        guard let name = node["name"]?.text else { return nil }
        var spec = node
        spec["name"] = nil
        return (name, spec)
      }
    case .scalar, .broken: []
    }
  }
}
