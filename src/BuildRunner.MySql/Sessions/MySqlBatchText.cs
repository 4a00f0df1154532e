using System.Text;
using MySqlConnector;

namespace BuildRunner.MySql.Sessions;

/// <summary>The statements of one round trip, and what is done with the rows of those that give any.</summary>
internal sealed class MySqlBatchText
{
    private readonly StringBuilder _text = new();
    private readonly List<object?> _values = [];
    private readonly List<Action<MySqlDataReader>> _reads = [];

    public bool IsEmpty => _text.Length == 0;

    /// <summary>Adds a part of a statement.</summary>
    public MySqlBatchText Add(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Adds a value to the statement.</summary>
    public MySqlBatchText Value(object? value)
    {
        _text.Append('?');
        _values.Add(value);
        return this;
    }

    /// <summary>Adds values with commas between them.</summary>
    public MySqlBatchText Values(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Add(i == 0 ? "" : ", ").Value(values[i]);
        }

        return this;
    }

    /// <summary>Adds a part for each of some things, with something between them.</summary>
    public MySqlBatchText Each<T>(IEnumerable<T> items, string separator, Action<T> add)
    {
        var isFirst = true;
        foreach (var item in items)
        {
            Add(isFirst ? "" : separator);
            add(item);
            isFirst = false;
        }

        return this;
    }

    /// <summary>Ends a statement that gives no rows.</summary>
    public void End() => _text.Append(";\n");

    /// <summary>Ends a statement that gives rows, which are read by one call for each.</summary>
    public void End(Action<MySqlDataReader> read)
    {
        End();
        _reads.Add(read);
    }

    public async Task RunAsync(MySqlConnection connection, MySqlTransaction? transaction, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Values are parameters.
        MySqlCommand command = new(_text.ToString(), connection, transaction);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            foreach (var value in _values)
            {
                command.Parameters.Add(new MySqlParameter { Value = value ?? DBNull.Value });
            }

            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await ReadAsync(reader, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ReadAsync(MySqlDataReader reader, CancellationToken cancellationToken)
    {
        foreach (var read in _reads)
        {
            while (reader.FieldCount == 0 && await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
            {
            }

            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                read(reader);
            }

            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        // An error of a later statement comes with its result.
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
        }
    }
}
