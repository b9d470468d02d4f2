import Boot
import EventLoop
import Network

extension ConfigurationReader {
  /// Reads a hosts(5) file: an address and its names on each line, the first of them its own.
  mutating func readHosts(_ value: Value) {
    guard let path = value.path(from: folder) else { return }
    let text: String
    do throws(Mistake) {
      guard let found = try texts.textIfThere(path, limit: Configuration.fileSizeMax) else {
        return value.mistake("\(path) does not exist")
      }
      text = found
    } catch {
      return value.mistake("the hosts file \(path) cannot be read: \(error.text)")
    }
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      do throws(Mistake) { try readHost(line.prefix { $0 != "#" }, line: index + 1, path) } catch {
        findings.add(error)
      }
    }
  }

  private mutating func readHost(
    _ line: Substring, line number: Int, _ path: String
  ) throws(Mistake) {
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
    guard let first = words.first else { return }
    let address: NameSettings.Host.Address
    if let four = IPv4Address(first) {
      // Every hosts file has the box itself, which is none of the zone's.
      if four.number >> 24 == 127 { return }
      address = .four(four)
    } else if let six = IPv6Address(first) {
      if six.isLoopback || six.high >> 56 >= 0xfe { return }
      address = .six(six)
    } else {
      throw Mistake(
        file: path, line: number, column: 1, "\"\(Value.shown(String(first)))\" is no IP address")
    }
    guard words.count > 1 else {
      throw Mistake(file: path, line: number, column: 1, "\(first) has no name")
    }
    for word in words.dropFirst() {
      guard DomainName(word) != nil else {
        throw Mistake(
          file: path, line: number, column: 1,
          "\"\(Value.shown(String(word)))\" is no name of a host")
      }
      // Names of other zones stand in many hosts files, and are not ours to answer.
      guard let zone = names.zone, let name = hostName(String(word), zone) else { continue }
      names.hosts.append(NameSettings.Host(name: name, address: address))
    }
  }

  /// A single label stands below the zone; a name with dots is whole.
  private func hostName(_ text: String, _ zone: DomainName) -> DomainName? {
    guard text.contains(".") else { return Zones.name(text, in: zone) }
    return DomainName(text).flatMap { $0.isWithin(zone) ? $0 : nil }
  }
}
