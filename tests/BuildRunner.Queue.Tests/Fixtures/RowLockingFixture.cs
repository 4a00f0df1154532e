using System.Data.Common;
using System.Globalization;
using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>A queue in a database that locks rows, so that one transaction that is held open does not hold up all others.</summary>
public abstract class RowLockingFixture : SqlFixture
{
    /// <summary>Gets what the queue and the tests connect with.</summary>
    public string ConnectionString { get; protected set; } = "";

    /// <summary>Gets the port of the server.</summary>
    public int Port => Convert.ToInt32(new DbConnectionStringBuilder { ConnectionString = ConnectionString }["Port"], CultureInfo.InvariantCulture);

    /// <summary>Counts the transactions that wait for a lock of this queue's tables.</summary>
    public abstract Task<long> CountWaitingAsync();

    /// <summary>Reads the clock that the queue has in production, in milliseconds since 1970, without the part that has not passed in full.</summary>
    public abstract Task<long> ReadRealClockAsync();

    /// <summary>Opens the database alone.</summary>
    /// <param name="timeProvider">Measures how long looks take.</param>
    /// <param name="options">What is added to the connection string.</param>
    internal abstract IBuildDatabase OpenDatabase(TimeProvider timeProvider, string options = "");

    /// <summary>Has the database undo each transaction that waits only shortly for locks and stores a message, as in a deadlock.</summary>
    public abstract Task UndoSharedTransactionsAsync();

    /// <summary>Cuts all connections to this queue's tables, as a server does that is started again.</summary>
    public abstract Task CutConnectionsAsync();
}
