/// What is recorded beside the files of a tree instead of being the kernel's.
package enum LedgerScope: Hashable, Sendable {
    /// Devices that may not be made, or not be had: there are ids for all owners.
    case devices
    /// Owners and devices: the kernel knows one id.
    case owners
}
