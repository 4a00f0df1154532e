using System.Text;
using BuildRunner.Relational;
using MySqlConnector;

namespace BuildRunner.MySql.Sessions;

/// <summary>Represents the statements of one round trip and the readers of their rows. Too much for one is sent in several.</summary>
internal sealed class MySqlBatchText
{
    // Escapes may double it, and the longest statement comes on top. A server accepts 16 MB by default.
    private const int LargestPart = 2 * 1024 * 1024;

    // A number, or the quotes of a text.
    private const int ValueSize = 20;

    private readonly List<MySqlBatchPart> _parts = [];
    private StringBuilder _text = new();
    private List<object?> _values = [];
    private List<Action<MySqlDataReader>> _reads = [];
    private int _size;

    public bool IsEmpty => _parts.Count == 0 && _text.Length == 0;

    /// <summary>Adds a part of a statement.</summary>
    public MySqlBatchText Add(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Adds a statement with its values.</summary>
    public MySqlBatchText Add(SqlStatement statement)
    {
        Add(statement.Text);
        foreach (var value in statement.Values)
        {
            AddValue(value);
        }

        return this;
    }

    /// <summary>Adds a value to the statement.</summary>
    public MySqlBatchText Value(object? value)
    {
        Add("?").AddValue(value);
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

    /// <summary>Adds a part for each item, with a separator between them.</summary>
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

    /// <summary>Ends a statement that returns no rows.</summary>
    public void End()
    {
        _text.Append(";\n");
        EndPart(LargestPart);
    }

    /// <summary>Ends a statement that returns rows, with a call for each.</summary>
    public void End(Action<MySqlDataReader> read)
    {
        _reads.Add(read);
        End();
    }

    /// <summary>Runs the statements.</summary>
    public async Task RunAsync(MySqlConnection connection, MySqlTransaction? transaction, CancellationToken cancellationToken)
    {
        EndPart(0);
        foreach (var part in _parts)
        {
            await part.RunAsync(connection, transaction, cancellationToken).ConfigureAwait(false);
        }
    }

    private void AddValue(object? value)
    {
        _values.Add(value);
        _size += ValueSize + value switch
        {
            string text => Encoding.UTF8.GetByteCount(text),
            ReadOnlyMemory<byte> bytes => bytes.Length,
            _ => 0,
        };
    }

    private void EndPart(int size)
    {
        if (_text.Length > 0 && _text.Length + _size >= size)
        {
            _parts.Add(new(_text.ToString(), _values, _reads));
            _text = new();
            _values = [];
            _reads = [];
            _size = 0;
        }
    }
}
