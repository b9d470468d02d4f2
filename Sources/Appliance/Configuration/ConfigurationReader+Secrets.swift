import Boot
import EventLoop
import YAML

extension ConfigurationReader {
  /// Longest value of a secret, in bytes: a private host key has some thousand.
  private static let secretMax = 64 << 10

  mutating func readKeys(_ value: Value) {
    for entry in entries(of: value, .keys) {
      let keys = ["public", "site", "labels"]
      guard let fields = Fields(entry.value, of: "a key", keys: keys) else { continue }
      let (site, labels) = tags(fields)
      note(.keys, entry, site: site, labels: labels)
      guard let place = fields.required("public", of: "a key"),
        let text = place.text("a public key as ssh-ed25519 AAAA… name@host")
      else { continue }
      switch SSHKey.line(text) {
      case .success(let line):
        publicKeys.append(
          SSHKey(name: entry.name, site: site ?? self.site, labels: labels, publicKey: line))
      case .failure(let refusal): place.mistake(refusal.text)
      }
    }
  }

  mutating func readSecrets(_ value: Value) {
    for entry in entries(of: value, .secrets) {
      let keys = ["value", "file", "as", "machine", "site", "labels"]
      guard let fields = Fields(entry.value, of: "a secret", keys: keys) else { continue }
      let (site, labels) = tags(fields)
      note(.secrets, entry, site: site, labels: labels)
      let variable = fields["as"]?.identifier()
      let machine = fields["machine"]?.text("the name of a machine")
      guard let text = secretText(fields) else { continue }
      secrets.append(
        SecretDraft(
          secret: Secret(
            name: entry.name, variable: variable, site: site ?? self.site, machine: machine,
            labels: labels, value: Secret.Text(text)),
          hasSite: site != nil, place: fields["machine"] ?? fields.value))
    }
  }

  private func secretText(_ fields: Fields) -> String? {
    guard let value = fields["value"] else {
      guard let file = fields["file"] else {
        fields.value.mistake("a secret has neither \"value\" nor \"file\"")
        return nil
      }
      return secretFile(file)
    }
    if fields["file"] != nil {
      fields.mistake("\"file\" has no place beside \"value\"", at: "file")
    }
    if value.file.isReadableByOthers {
      value.warning(
        "others can read this file, and a secret is in it: chmod o-rwx \(value.file.name), or name"
          + " a \"file\" for the secret")
    }
    // Not `read`, whose mistake would show it.
    guard let text = value.text("a text") else { return nil }
    guard let reason = Self.refusal(ofSecret: text) else { return text }
    value.mistake("the secret \(reason)")
    return nil
  }

  /// The whole file, but for one line end at its end.
  private func secretFile(_ value: Value) -> String? {
    guard !value.file.isApplied else {
      value.mistake("an applied secret names no file of this box, expected its \"value\"")
      return nil
    }
    guard let path = value.path(from: folder) else { return nil }
    let file: SourceFile
    do throws(Mistake) {
      file = try SourceFile(reading: path, limit: Self.secretMax)
    } catch {
      value.mistake("the secret \(path) cannot be read: \(error.text)")
      return nil
    }
    guard !file.isReadableByOthers else {
      value.mistake("others can read the secret \(path): chmod o-rwx \(path)")
      return nil
    }
    guard var text = String(validating: file.bytes, as: UTF8.self) else {
      value.mistake("the secret \(path) is no UTF-8 text")
      return nil
    }
    if text.last?.isNewline == true { text.removeLast() }
    guard let reason = Self.refusal(ofSecret: text) else { return text }
    value.mistake("the secret \(path) \(reason)")
    return nil
  }

  private static func refusal(ofSecret text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if text.utf8.contains(0) { return "holds a NUL" }
    return text.utf8.count > secretMax ? "is longer than \(secretMax) bytes, the most we take" : nil
  }

  /// What can be said of secrets only when the machines are known.
  func checkSecrets() {
    var owners: [SecretTable.Owner: [String: String]] = [:]
    for draft in secrets {
      let secret = draft.secret
      if let name = secret.machine {
        guard let index = machineIndex[name] else {
          draft.place.mistake(
            "machine \"\(Value.shown(name))\" is not defined"
              + NearestName.question(name, among: machines.map(\.machine.name)))
          continue
        }
        let site = staticSite(of: machines[index].machine)
        if draft.hasSite, site != secret.site {
          draft.place.mistake("machine \(name) is of the site \(site), not \(secret.site)")
        }
      }
      let owner = SecretTable.Owner(secret)
      if let other = owners[owner]?[secret.variable] {
        draft.place.mistake(
          "secrets \(other) and \(secret.name) are both secrets.\(secret.variable) of"
            + " \(secret.machine.map { "machine \($0)" } ?? "the site \(secret.site)")")
      }
      owners[owner, default: [:]][secret.variable] = secret.name
    }
  }
}

/// A secret as it was read, with its place.
struct SecretDraft {
  var secret: Secret
  /// Its site was said, and is not the appliance's by default.
  var hasSite: Bool
  var place: Value
}
