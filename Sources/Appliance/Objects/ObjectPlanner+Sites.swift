import Boot
import Network
import Store
import YAML

// What an author may not touch, nor learn of.
extension ObjectPlanner {
  /// Whether a secret would be set or deleted, or a value was named that may be a guess.
  static func setSecrets(_ writes: [ObjectWrite], _ drafts: [ObjectKey: Draft]) -> Bool {
    writes.contains { $0.kind == .secrets }
      || drafts.contains { key, draft in
        guard key.kind == .secrets, case .put(let object) = draft else { return false }
        return object.spec["value"] != nil
      }
  }

  /// An author of one site writes neither others' objects nor those that all share, and does not
  /// learn by trying what they hold: this comes before all that could tell.
  func checkSites(
    of drafts: [ObjectKey: Draft], _ author: ObjectEdit.Author
  ) throws(EditRefusal) {
    guard let site = author.site else { return }
    for (key, draft) in drafts.sorted(by: { $0.key < $1.key }) {
      if let known = objects[key], known.site != site { throw Self.foreign(key) }
      guard case .put(let object) = draft, let wanted = object.spec["site"]?.text else { continue }
      guard wanted == site else { throw Self.foreign(key) }
    }
  }

  /// The same once it is known which site is whose: that of a machine may follow from its address,
  /// and no machine that is known at another site becomes one of this.
  func checkSites(
    of changes: [ObjectChange], _ author: ObjectEdit.Author, _ loaded: LoadedConfiguration
  ) throws(EditRefusal) {
    guard let site = author.site else { return }
    for change in changes where change.verb != .unchanged {
      let key = ObjectKey(kind: change.kind, name: change.name)
      for object in [objects[key], loaded.objects[key]] {
        guard let object, object.site != site else { continue }
        throw Self.foreign(key)
      }
      guard change.kind == .machines, let machine = loaded.catalog.machine(named: change.name)
      else { continue }
      if let subnet = machine.address.flatMap({ loaded.catalog.subnet(holding: $0) }),
        loaded.catalog.site(of: nil, on: subnet) != site
      {
        throw .otherSite("\(key): its address is on a subnet of another site")
      }
      if let address = machine.macAddress, othersMachines.contains(address) {
        throw .otherSite("\(key): its hardware is known at another site")
      }
    }
  }

  private static func foreign(_ key: ObjectKey) -> EditRefusal {
    .otherSite("\(key) is not of the token's site")
  }

  /// A refusal without what names objects that `site` does not see.
  func veiled(_ refusal: EditRefusal, from site: String) -> EditRefusal {
    guard case .mistakes(let mistakes) = refusal else { return refusal }
    var hidden: Set<Substring> = []
    for kind in ObjectKind.allCases {
      for object in objects[kind] where object.site != nil && object.site != site {
        hidden.insert(object.name[...])
        if let other = object.site { hidden.insert(other[...]) }
      }
    }
    func tells(_ text: String) -> Bool {
      text.split { !($0.isLetter || $0.isNumber || "-_.".contains($0)) }.contains {
        hidden.contains($0)
      }
    }
    return .mistakes(
      mistakes.map { mistake in
        var mistake = mistake
        if tells(mistake.text) { mistake.text = "it does not go with what other sites have" }
        if tells(mistake.file) { mistake.file = "configuration" }
        return mistake
      })
  }
}
