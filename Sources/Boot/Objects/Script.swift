/// An iPXE script by name, in variants for machines: main scripts chain to sub scripts by it.
package struct Script: Sendable {
  package var name: String
  /// nil: for the machines of all sites.
  package var site: String?
  package var labels: [String: String]
  /// The one that holds for machines which no other variant matches; nil: there is none.
  package var template: Template?
  package var variants: [Variant]

  package struct Variant: Sendable {
    package var match: Match
    package var template: Template

    package init(match: Match, template: Template) {
      self.match = match
      self.template = template
    }
  }

  package init(
    name: String, site: String? = nil, labels: [String: String] = [:], template: Template?,
    variants: [Variant] = []
  ) {
    self.name = name
    self.site = site
    self.labels = labels
    self.template = template
    self.variants = variants
  }
}
