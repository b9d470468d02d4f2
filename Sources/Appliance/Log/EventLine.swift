import Boot
import Network

/// An event as one line, for people or as JSON. Strangers' text cannot start a second line.
package struct EventLine {
  package let event: Event
  package let time: UnixTime

  package init(_ event: Event, at time: UnixTime) {
    self.event = event
    self.time = time
  }

  package func text() -> String {
    var line = "\(Timestamp(time)) \(event.fact.severity) \(event.fact.name)"
    for field in fields { line += " \(field.name)=\(field.printed)" }
    return line
  }

  package func json() -> String {
    var line = "{\"time\":\"\(Timestamp(time))\",\"level\":\"\(event.fact.severity)\""
    line += ",\"event\":\"\(event.fact.name)\""
    for field in fields {
      line += ",\(JSONText(field.name)):"
      switch field.value {
      case .text(let text): line += "\(JSONText(text))"
      case .number(let number): line += "\(number)"
      case .duration(let duration): line += "\(Double(duration.nanoseconds / 1000) / 1e6)"
      }
    }
    return line + "}"
  }

  private var fields: [Field] {
    var fields: [Field] = []
    if let address = event.macAddress { fields.append(Field("mac", "\(address)")) }
    if let address = event.address { fields.append(Field("address", "\(address)")) }
    return fields + event.fact.fields
  }
}

/// A string as JSON writes it, quotes included (RFC 8259 §7).
struct JSONText: CustomStringConvertible {
  let description: String

  init(_ text: String) {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\u{20}"..."\u{7e}", "\u{a1}"..."\u{1fff}", "\u{3000}"..."\u{d7ff}":
        quoted.unicodeScalars.append(scalar)
      default:
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    description = quoted + "\""
  }
}
