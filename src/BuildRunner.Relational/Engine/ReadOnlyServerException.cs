using System.Data.Common;

namespace BuildRunner.Relational;

/// <summary>A server is read-only although it did not refuse what was asked: what it knows may be old, so it is not used.</summary>
internal sealed class ReadOnlyServerException : DbException
{
    public ReadOnlyServerException()
        : base("The server of the queue is read-only: a standby, or a primary that was demoted. "
            + "Let the address of the connection string lead to the primary.")
    {
    }

    public override bool IsTransient => true;
}
