using System.Data.Common;

namespace BuildRunner.Queue.Tests.Relational;

/// <summary>What a server says of a transaction that it has undone because of a deadlock.</summary>
internal sealed class UndoneException() : DbException("Deadlock.")
{
    public override bool IsTransient => true;

    public override string? SqlState => "40001";
}
