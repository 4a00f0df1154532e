using System.Diagnostics;
using System.Globalization;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Servers;

/// <summary>Network namespaces on one bridge: hosts with an address, and a cable that can be pulled. They share the machine, its files and its clock. They end with this process at the latest.</summary>
public sealed class NetworkHosts : IAsyncDisposable
{
    // Whatever there is of them; a namespace takes its end of the cable with it, and the other end goes too.
    private const string Watch = "cat > /dev/null; for name; do ip netns del \"$name\"; done; ip link del \"$0\"";

    private readonly string _bridge;
    private readonly string[] _cables;
    private readonly string[] _names;
    private readonly string _net;
    private readonly Process _watchdog;

    private NetworkHosts(int count)
    {
        // The names of interfaces are short. The net is one of those for private use.
        var id = Environment.ProcessId;
        _bridge = string.Create(CultureInfo.InvariantCulture, $"br-{id}");
        _names = [.. Enumerable.Range(0, count).Select(host => string.Create(CultureInfo.InvariantCulture, $"buildrunner-{id}-{host}"))];
        _cables = [.. Enumerable.Range(0, count).Select(host => string.Create(CultureInfo.InvariantCulture, $"ca{id}-{host}"))];
        _net = string.Create(CultureInfo.InvariantCulture, $"10.213.{id % 250}");
        _watchdog = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", $"{{ {Watch}; }} 2> /dev/null", _bridge, .. _names]) { RedirectStandardInput = true })!;
    }

    /// <summary>Gets the address of this process on the bridge, which all hosts reach.</summary>
    public string Address => $"{_net}.1";

    /// <summary>Gets the pattern of the addresses of all hosts, as SQL has it.</summary>
    public string Addresses => $"{_net}.%";

    /// <summary>Gets the address of a host.</summary>
    public string AddressOf(int host) => $"{_net}.{host + 10}";

    /// <summary>Makes hosts.</summary>
    /// <exception cref="ServerUnavailableException">The program 'ip' is missing.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine does not allow it.</exception>
    public static async Task<NetworkHosts> CreateAsync(int count)
    {
        _ = ServerBinaries.Find("ip", "iproute2", ["/sbin"]);
        if (!Environment.IsPrivilegedProcess)
        {
            throw new PlatformNotSupportedException("Only root can make network namespaces.");
        }

        NetworkHosts hosts = new(count);
        try
        {
            await RunAsync("link", "add", hosts._bridge, "type", "bridge");
            await RunAsync("addr", "add", $"{hosts.Address}/24", "dev", hosts._bridge);
            await RunAsync("link", "set", hosts._bridge, "up");
            for (var host = 0; host < count; host++)
            {
                await hosts.AddAsync(host);
            }

            return hosts;
        }
        catch (InvalidOperationException exception)
        {
            await hosts.DisposeAsync();
            throw new PlatformNotSupportedException($"This machine does not allow network namespaces with a bridge: {exception.Message}", exception);
        }
    }

    /// <summary>Gets the command line that runs a program on a host, in the same process.</summary>
    public IReadOnlyList<string> On(int host, IEnumerable<string> command) => ["ip", "netns", "exec", _names[host], .. command];

    /// <summary>Pulls the cable of a host, or plugs it in again. Connections stay open, and nothing comes through.</summary>
    public Task CutAsync(int host, bool isCut) => RunAsync("link", "set", CableOf(host), isCut ? "down" : "up");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _watchdog.StandardInput.Close();
        await _watchdog.WaitForExitAsync();
        _watchdog.Dispose();
    }

    private static async Task RunAsync(params string[] arguments)
    {
        var result = await Cli.Wrap("ip").WithArguments(arguments).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        if (!result.IsSuccess)
        {
            throw new InvalidOperationException($"'ip {string.Join(' ', arguments)}' has failed: {result.StandardError.Trim()}");
        }
    }

    private string CableOf(int host) => _cables[host];

    private async Task AddAsync(int host)
    {
        await RunAsync("netns", "add", _names[host]);
        await RunAsync("link", "add", CableOf(host), "type", "veth", "peer", "name", "eth0", "netns", _names[host]);
        await RunAsync("link", "set", CableOf(host), "master", _bridge);
        await RunAsync("link", "set", CableOf(host), "up");
        await RunAsync("-n", _names[host], "addr", "add", $"{AddressOf(host)}/24", "dev", "eth0");
        await RunAsync("-n", _names[host], "link", "set", "eth0", "up");
        await RunAsync("-n", _names[host], "link", "set", "lo", "up");
    }
}
