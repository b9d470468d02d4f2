/// JSON Schema (2020-12), as far as the API's description needs it.
enum Schema {
  static let text: JSON = ["type": "string"]
  static let integer: JSON = ["type": "integer"]
  static let count: JSON = ["type": "integer", "minimum": 0]
  static let number: JSON = ["type": "number"]
  static let flag: JSON = ["type": "boolean"]
  /// RFC 3339.
  static let time: JSON = ["type": "string", "format": "date-time"]
  /// Of an object, machine, site or token.
  static let name: JSON = ["type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$"]
  static let texts: JSON = ["type": "object", "additionalProperties": text]
  static let anything: JSON = ["type": "object"]

  static func object(_ required: [String: JSON], optional: [String: JSON] = [:]) -> JSON {
    [
      "type": "object", "additionalProperties": false,
      "required": .array(required.keys.sorted().map { .string($0) }),
      "properties": .object(required.merging(optional) { first, _ in first }),
    ]
  }

  static func list(of items: JSON, most: Int64? = nil) -> JSON {
    var schema: [String: JSON] = ["type": "array", "items": items]
    if let most { schema["maxItems"] = .integer(most) }
    return .object(schema)
  }

  /// A page of a list: `next` is what to give as `after`.
  static func page(of items: JSON) -> JSON {
    object(["items": list(of: items)], optional: ["next": text])
  }

  static func choice(_ names: [String]) -> JSON {
    ["type": "string", "enum": .array(names.map { .string($0) })]
  }

  static func range(_ numbers: ClosedRange<Int64>) -> JSON {
    [
      "type": "integer", "minimum": .integer(numbers.lowerBound),
      "maximum": .integer(numbers.upperBound),
    ]
  }

  static func reference(_ name: String) -> JSON {
    ["$ref": .string("#/components/schemas/\(name)")]
  }
}
