namespace BuildRunner.Orchestration.Registration;

/// <summary>Marks that this process takes changes of builds.</summary>
internal sealed class ChangeRegistration;
