using BuildRunner.Sqlite;
using Microsoft.Data.Sqlite;

namespace BuildRunner.Queue.Tests.Sqlite;

/// <summary>Rule Q12: what is tried again at once.</summary>
public sealed class SqliteTransientTests
{
    [Theory]
    [InlineData(5, true)] // SQLITE_BUSY
    [InlineData(6, true)] // SQLITE_LOCKED
    [InlineData(8, false)] // SQLITE_READONLY
    [InlineData(10, false)] // SQLITE_IOERR
    [InlineData(11, false)] // SQLITE_CORRUPT
    [InlineData(13, false)] // SQLITE_FULL
    [InlineData(14, false)] // SQLITE_CANTOPEN
    [InlineData(19, false)] // SQLITE_CONSTRAINT
    public async Task A_file_that_another_has_locked_is_tried_again_and_nothing_else(int code, bool isTransient)
    {
        await using SqliteQueueDatabase database = new("Data Source=nowhere.db");

        database.IsTransient(new SqliteException("no", code)).Should().Be(isTransient);
        database.IsTransient(new InvalidOperationException()).Should().BeFalse();
    }
}
