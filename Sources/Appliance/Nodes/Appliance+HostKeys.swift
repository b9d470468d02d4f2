import Boot
import EventLoop
import Network
import TLS
import YAML

// Host keys that are made before a machine is installed.
extension Appliance {
  /// Makes the key that a machine is to show from its next installation on, in place of one that was
  /// made for it before: the private half becomes a secret of that machine alone, which its answers
  /// call `{{secrets.ssh-host-ed25519-key}}`; the public half is what the machine is expected to
  /// show, and is all that anybody else ever sees.
  ///
  /// - Parameter then: Called with the public half when both are durable and in force.
  package func makeHostKey(
    for name: String, by author: ObjectEdit.Author,
    then: @escaping (Result<HostKey, EditRefusal>) -> Void
  ) {
    guard let machine = catalog.machine(named: name) else {
      return then(.failure(.missing("machine \(name)")))
    }
    let site = catalog.site(of: machine, on: machine.address.flatMap(catalog.subnet(holding:)))
    guard author.site == nil || author.site == site else {
      return then(.failure(.otherSite("machine \(name)")))
    }
    let pair: HostKeyMaker.Pair
    do throws(TLSFailure) { pair = try HostKeyMaker.make(comment: name) } catch {
      return then(.failure(.failed("no host key: \(error)")))
    }
    let fields = [
      ("as", HostKey.secretName), ("machine", name), ("site", site),
      ("value", pair.privateKey.revealed),
    ]
    let edit = ObjectEdit(
      .put(.secrets, secretName(of: name), Self.mapping(fields)), by: author,
      note: "host key of \(name)")
    editor.edit(edit) { [unowned self] result in
      switch result {
      case .success:
        record(Event(.hostKeyMade(machine: name), macAddress: machine.macAddress))
        then(.success(pair.publicKey))
      case .failure(let refusal): then(.failure(refusal))
      }
    }
  }

  /// The secret that is the machine's host key already, whatever its name.
  private func secretName(of machine: String) -> String {
    let own = catalog.secrets.first {
      $0.machine == machine && $0.variable == HostKey.secretName
    }
    return own?.name ?? "host-key.\(machine)"
  }

  private static func mapping(_ fields: [(key: String, value: String)]) -> YAML.Node {
    let entries = fields.enumerated().map { index, field in
      let position = Position(line: index + 1, column: 1)
      return YAML.Node.Entry(
        key: field.key, position: position,
        value: YAML.Node(.scalar(field.value, isPlain: false), at: position))
    }
    return YAML.Node(.mapping(entries), at: Position(line: 1, column: 1))
  }
}
