namespace BuildRunner.Peers;

/// <summary>The executions of jobs so far, and how late they were.</summary>
internal sealed class Executions
{
    private long _count;
    private DateTime[] _due = [];
    private double[] _late = [];

    /// <summary>Gets or sets those of this process, for libraries that create their jobs by themselves.</summary>
    public static Executions Current { get; set; } = new();

    /// <summary>Gets a value indicating whether a job is to run again.</summary>
    public bool Repeats { get; private init; }

    public long Count => Interlocked.Read(ref _count);

    /// <summary>Gets by how many milliseconds each job was late, or NaN of those that have not run.</summary>
    public IReadOnlyList<double> Late => _late;

    public static Executions Repeating() => new() { Repeats = true };

    public static Executions Of(DateTime[] due) => new() { _due = due, _late = [.. due.Select(static _ => double.NaN)] };

    public void Add(int job)
    {
        if (job < _late.Length)
        {
            _late[job] = (DateTime.UtcNow - _due[job]).TotalMilliseconds;
        }

        Interlocked.Increment(ref _count);
    }
}
