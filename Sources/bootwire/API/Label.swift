import ArgumentParser

/// `rack=3`, of an object or as what is looked for.
struct Label: ExpressibleByArgument, Equatable {
  var name: String
  var value: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
      return nil
    }
    name = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }

  var description: String { "\(name)=\(value)" }
}
