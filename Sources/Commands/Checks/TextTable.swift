/// Rows of cells that are padded to columns, as Go's tab writer does: the last cell of a row is left as it is.
struct TextTable {
    /// Blanks between the widest cell of a column and the next column.
    let padding: Int
    private var rows: [[String]]

    /// A table that begins with a row of titles, if there are any.
    init(padding: Int, titles: [String] = []) {
        self.padding = padding
        rows = titles.isEmpty ? [] : [titles]
    }

    /// Adds a row; all rows have the same number of cells.
    mutating func append(_ row: [String]) { rows.append(row) }

    /// The lines, each with a line feed.
    var text: String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<max(0, count - 1)).map { column in
            (rows.map { $0[column].unicodeScalars.count }.max() ?? 0) + padding
        }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.unicodeScalars.count)
            }
            return cells.joined() + (row.last ?? "") + "\n"
        }.joined()
    }
}
