using System.Data.Common;

namespace BuildRunner.Relational;

/// <summary>
/// The exception that is thrown when a server is found to be read-only although it did not refuse what was asked: what it knows may be old, so it is not used.
/// </summary>
/// <remarks>For the packages of databases, which throw it.</remarks>
internal sealed class ReadOnlyServerException : DbException
{
    /// <summary>
    /// Initializes a new instance of the <see cref="ReadOnlyServerException"/> class.
    /// </summary>
    public ReadOnlyServerException()
        : base("The server of the queue is read-only: a standby, or a primary that was demoted. Let the address of the connection string lead to the primary.")
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
