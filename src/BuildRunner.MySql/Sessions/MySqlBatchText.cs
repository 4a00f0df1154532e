using System.Globalization;
using System.Text;

namespace BuildRunner.MySql.Sessions;

/// <summary>Composes the statements of one round trip. Too much for one is sent in several.</summary>
internal abstract class MySqlBatchText(MySqlConnection connection, MySqlTransaction? joined) : SqlBatch
{
    // Escapes may double it, and the longest statement comes on top. A server accepts 16 MB by default.
    private const int LargestPart = 2 * 1024 * 1024;

    // The quotes of a text.
    private const int ValueSize = 20;

    private readonly List<(string Text, List<object> Values, List<Action<DbDataReader>> Reads)> _parts = [];
    private StringBuilder _text = new();
    private List<object> _values = [];
    private List<Action<DbDataReader>> _reads = [];
    private int _size;

    public override bool IsEmpty => _parts.Count == 0 && _text.Length == 0;

    /// <summary>Gets a value indicating whether the statements are sent when the current one ends.</summary>
    public bool IsLarge => _text.Length + _size >= LargestPart;

    /// <summary>Gets a value indicating whether the transaction is a caller's.</summary>
    public bool IsJoined => joined is not null;

    public MySqlBatchText Add(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Adds a value. The driver would write numbers into the text as well, but a parameter costs more than its digits.</summary>
    public MySqlBatchText Value(object? value)
    {
        switch (value)
        {
            case null:
                _text.Append("NULL");
                break;
            case long or int:
                _text.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
            case bool isTrue:
                _text.Append(isTrue ? "TRUE" : "FALSE");
                break;
            default:
                _text.Append('?');
                _values.Add(value);
                _size += ValueSize + SizeOf(value);
                break;
        }

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
        if (IsLarge)
        {
            EndPart();
        }
    }

    /// <summary>Ends a statement that returns rows, with a call for each.</summary>
    public void End(Action<DbDataReader> read)
    {
        _reads.Add(read);
        End();
    }

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        EndPart();
        foreach (var (text, values, reads) in _parts)
        {
#pragma warning disable CA2100 // Values are parameters.
            MySqlCommand command = new(text, connection, joined);
#pragma warning restore CA2100
            await using (command.ConfigureAwait(false))
            {
                foreach (var value in values)
                {
                    command.Parameters.Add(new MySqlParameter { Value = value });
                }

                var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    await ReadAsync(reader, reads, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    protected MySqlBatchText Add(SqlStatement statement)
    {
        var rest = statement.Text.AsSpan();
        foreach (var value in statement.Values)
        {
            var place = rest.IndexOf('?');
            _text.Append(rest[..place]);
            Value(value);
            rest = rest[(place + 1)..];
        }

        _text.Append(rest);
        return this;
    }

    private static int SizeOf(object value) => value switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        ReadOnlyMemory<byte> bytes => bytes.Length,
        _ => 0,
    };

    private void EndPart()
    {
        if (_text.Length > 0)
        {
            _parts.Add((_text.ToString(), _values, _reads));
            _text = new();
            _values = [];
            _reads = [];
            _size = 0;
        }
    }
}
