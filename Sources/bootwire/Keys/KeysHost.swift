import ArgumentParser
import YAML

extension KeysCommand {
  /// `bootwire keys host MACHINE…`
  struct Host: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make machines' SSH host keys in advance, so that they keep them.",
      discussion: """
        The appliance makes an Ed25519 pair, keeps the private half as a secret of the machine, which \
        only its armed installation is told, and pins the public half. In templates it is \
        {{secrets.ssh-host-ed25519-key}}.

        Example: bootwire keys host rack3-07
        """)

    @OptionGroup var api: APIOptions

    @Argument(help: "The machines' names.")
    var machines: [String]

    func run() throws {
      let refused = try MachineList(machines).each { machine in
        let answer = try api.call("POST", ["machines", machine, "host-keys"])
        print("\(Printable(machine)) \(Printable(try answer.value()["hostKey"].text ?? ""))")
      }
      guard refused == 0 else { throw ExitCode.failure }
    }
  }
}
