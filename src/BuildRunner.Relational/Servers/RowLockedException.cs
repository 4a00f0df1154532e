using System.Data.Common;

namespace BuildRunner.Relational;

/// <summary>Represents a row that another transaction has locked, in a transaction that does not wait for it.</summary>
internal sealed class RowLockedException(Exception innerException)
    : DbException("Another transaction has locked a row for longer than a second.", innerException);
