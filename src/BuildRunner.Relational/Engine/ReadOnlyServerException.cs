using System.Data.Common;

namespace BuildRunner.Relational;

/// <summary>Represents a read-only server that refused nothing. It is not used, because its data may be old.</summary>
internal sealed class ReadOnlyServerException : DbException
{
    public ReadOnlyServerException()
        : base("The server of the queue is read-only: a standby or a demoted primary. "
            + "Point the connection string to the primary.")
    {
    }

    public override bool IsTransient => true;
}
